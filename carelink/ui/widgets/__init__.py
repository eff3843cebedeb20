"""The pieces that every screen is built from; `carelink.ui.gallery` shows them all.

They paint themselves from the theme in force, follow it when it changes, say their name to
assistive technologies, and keep their words whole from 100 to 200 % of text size.

Each is loaded when it is first asked for: the unlock screen needs few of them, and comes first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carelink.ui.widgets.announcing import announce
    from carelink.ui.widgets.buttons import Button, ButtonSize, ButtonVariant, IconButton
    from carelink.ui.widgets.cards import Card, CardTone, ColorBar, PersonTile, Separator
    from carelink.ui.widgets.chips import Avatar, Badge, Chip, VoletChip, unread_words
    from carelink.ui.widgets.choices import CheckBox, RadioButton, Select
    from carelink.ui.widgets.codes import CodeDisplay, QrCode
    from carelink.ui.widgets.columns import FoldingColumns
    from carelink.ui.widgets.dialogs import Dialog, scrolling
    from carelink.ui.widgets.feedback import Banner, BannerTone, IconLabel
    from carelink.ui.widgets.fields import LabeledField, PassphraseField, PinField, SearchField, TextField
    from carelink.ui.widgets.flow_layout import FlowLayout
    from carelink.ui.widgets.labels import ElidedLabel, Label, Paragraph, SectionHeading, TextTone
    from carelink.ui.widgets.navigation import NavButton, NavItem, NavRail, TabsBar
    from carelink.ui.widgets.placeholders import EmptyState, SkeletonRows
    from carelink.ui.widgets.steps import StepIndicator, WaitList, WaitState, WaitStep
    from carelink.ui.widgets.text_edit import GrowingTextEdit
    from carelink.ui.widgets.toasts import Toast
    from carelink.ui.widgets.toggles import Choice, ToggleChip, ToggleGroup, volet_choices
    from carelink.ui.widgets.top_bar import AccountButton, SyncIndicator, SyncLook, TopBar
    from carelink.ui.widgets.volets import NOTE_CODES, VOLET_CODES, VoletCode, VoletLook, volet_look

_PIECES = {
    "announcing": ("announce",),
    "buttons": ("Button", "ButtonSize", "ButtonVariant", "IconButton"),
    "cards": ("Card", "CardTone", "ColorBar", "PersonTile", "Separator"),
    "chips": ("Avatar", "Badge", "Chip", "VoletChip", "unread_words"),
    "choices": ("CheckBox", "RadioButton", "Select"),
    "codes": ("CodeDisplay", "QrCode"),
    "columns": ("FoldingColumns",),
    "dialogs": ("Dialog", "scrolling"),
    "feedback": ("Banner", "BannerTone", "IconLabel"),
    "fields": ("LabeledField", "PassphraseField", "PinField", "SearchField", "TextField"),
    "flow_layout": ("FlowLayout",),
    "labels": ("ElidedLabel", "Label", "Paragraph", "SectionHeading", "TextTone"),
    "navigation": ("NavButton", "NavItem", "NavRail", "TabsBar"),
    "placeholders": ("EmptyState", "SkeletonRows"),
    "steps": ("StepIndicator", "WaitList", "WaitState", "WaitStep"),
    "text_edit": ("GrowingTextEdit",),
    "toasts": ("Toast",),
    "toggles": ("Choice", "ToggleChip", "ToggleGroup", "volet_choices"),
    "top_bar": ("AccountButton", "SyncIndicator", "SyncLook", "TopBar"),
    "volets": ("NOTE_CODES", "VOLET_CODES", "VoletCode", "VoletLook", "volet_look"),
}
_PLACES = {name: module for module, names in _PIECES.items() for name in names}

__all__ = [
    "NOTE_CODES",
    "VOLET_CODES",
    "AccountButton",
    "Avatar",
    "Badge",
    "Banner",
    "BannerTone",
    "Button",
    "ButtonSize",
    "ButtonVariant",
    "Card",
    "CardTone",
    "CheckBox",
    "Chip",
    "Choice",
    "CodeDisplay",
    "ColorBar",
    "Dialog",
    "ElidedLabel",
    "EmptyState",
    "FlowLayout",
    "FoldingColumns",
    "GrowingTextEdit",
    "IconButton",
    "IconLabel",
    "Label",
    "LabeledField",
    "NavButton",
    "NavItem",
    "NavRail",
    "Paragraph",
    "PassphraseField",
    "PersonTile",
    "PinField",
    "QrCode",
    "RadioButton",
    "SearchField",
    "SectionHeading",
    "Select",
    "Separator",
    "SkeletonRows",
    "StepIndicator",
    "SyncIndicator",
    "SyncLook",
    "TabsBar",
    "TextField",
    "TextTone",
    "Toast",
    "ToggleChip",
    "ToggleGroup",
    "TopBar",
    "VoletChip",
    "VoletCode",
    "VoletLook",
    "WaitList",
    "WaitState",
    "WaitStep",
    "announce",
    "scrolling",
    "unread_words",
    "volet_choices",
    "volet_look",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(name)
    piece = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = piece
    return piece
