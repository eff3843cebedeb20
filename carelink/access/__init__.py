"""Who may read and write what: roles, compartments, the matrix, the registry's rules.

Pure: no input or output, no SQLAlchemy, no `cryptography`. Clients and relay run this same code.
"""
