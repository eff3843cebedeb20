"""Getting the page onto paper: the system's print dialog, or a PDF where its owner says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.recovery import save_page
from carelink.services.sheets import Sheet
from carelink.ui.operations import Operations
from carelink.ui.recovery.page import FILE_NAME, page_layout, pdf_of, print_on


class Printing(QObject):
    """Prints one sheet, or saves it. It keeps the words until `forget`.

    Signals:
        printed: It was sent to a printer.
        saved: Where the PDF is.
        failed: Why there is none.
    """

    printed = Signal()
    saved = Signal(str)
    failed = Signal(str)

    def __init__(self, operations: Operations, window: QWidget) -> None:
        super().__init__(window)
        self._operations, self._window = operations, window
        self._sheet: Sheet | None = None
        self._printer: QPrinter | None = None
        self._path = ""

    def take(self, sheet: Sheet) -> None:
        """Print and save this sheet from now on."""
        self._sheet = sheet

    def forget(self) -> None:
        """Keep no word."""
        self._sheet = None
        self._printer = None

    def ask_printer(self) -> None:
        """Show the system's print dialog."""
        self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self._printer.setPageLayout(page_layout())
        self._printer.setDocName(tr("Feuille de secours CareLink"))
        self._printer.setCreator("CareLink")
        dialog = QPrintDialog(self._printer, self._window.window())
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, on=False)
        dialog.accepted.connect(self._print)
        dialog.finished.connect(dialog.deleteLater)
        QDialog.open(dialog)

    def ask_file(self) -> None:
        """Ask where the PDF is to be."""
        dialog = QFileDialog(self._window.window(), tr("Enregistrer la feuille de secours"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Document PDF (*.pdf)"))
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile(FILE_NAME)
        dialog.fileSelected.connect(self.save_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Write the PDF into a file."""
        if self._sheet is None:
            return
        page, target = pdf_of(self._sheet), Path(path)
        self._path = path
        self._operations.vault(lambda: save_page(target, page), self._saved, self._not_saved)

    def _print(self) -> None:
        if self._sheet is not None and self._printer is not None:
            print_on(self._printer, self._sheet)
            self.printed.emit()

    def _saved(self, _done: None) -> None:
        self.saved.emit(self._path)

    def _not_saved(self, error: KnownError) -> None:
        self.failed.emit(str(error))
