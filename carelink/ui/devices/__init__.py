"""The PCs of an account: the list in the settings, one more by code and words, cutting off a lost one."""
