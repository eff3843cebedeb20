"""Every widget in every state on one page, to look at and to test.

`python -m carelink.ui.gallery dark 150`. Its sample texts belong to no screen and are not translated.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from carelink.ui import widgets as w
from carelink.ui.theme import THEME_NAMES, ThemeName, apply_theme, current_theme, metrics

_SAMPLE_QR = [[(x * y + x // 2 + y // 3) % 3 == 0 or x in {0, 24} for x in range(25)] for y in range(25)]


def build_gallery() -> QWidget:
    """Return a window-like page: the rail, the top bar, and all the widgets in two columns."""
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(_rail())
    main = QVBoxLayout()
    main.setSpacing(0)
    main.addWidget(_top_bar())
    columns = w.FoldingColumns(
        _column(_buttons(), _toggles(), _entry(), _fields(), _banners(), _text()),
        _column(_chips(), _journey(), _codes(), _choices(), _tile(), _waiting()),
    )
    content = QVBoxLayout()
    gap = metrics().gap
    content.setContentsMargins(gap(28), gap(24), gap(28), gap(28))
    content.addWidget(columns)
    content.addStretch(1)
    area = w.scrolling(content)
    area.setObjectName("gallery-page")
    main.addWidget(area, 1)
    row.addLayout(main, 1)
    return page


def _column(*cards: QWidget) -> QWidget:
    holder = _stack(*cards, gap=16)
    column = holder.layout()
    if isinstance(column, QVBoxLayout):
        column.addStretch(1)
    return holder


def _flow(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    flow = w.FlowLayout(holder, gap=8)
    for widget in widgets:
        flow.addWidget(widget)
    policy = holder.sizePolicy()
    policy.setHeightForWidth(True)
    holder.setSizePolicy(policy)
    return holder


def _stack(*widgets: QWidget, gap: int = 12) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(metrics().gap(gap))
    for widget in widgets:
        column.addWidget(widget)
    return holder


def _rail() -> QWidget:
    rail = w.NavRail(
        "Navigation",
        [
            w.NavItem("home", "Accueil", "home"),
            w.NavItem("people", "Personnes", "users"),
            w.NavItem("agenda", "Agenda", "calendar"),
            w.NavItem("messages", "Messages", "message"),
            w.NavItem("news", "Infos", "speakerphone"),
        ],
        [
            w.NavItem("lock", "Verrouiller", "lock", page=False),
            w.NavItem("settings", "Réglages", "settings"),
        ],
    )
    rail.set_badge("messages", 3)
    rail.set_current("people")
    return rail


def _top_bar() -> QWidget:
    search = w.SearchField(
        "Chercher", placeholder="Chercher une personne, une note, une action", hint="Ctrl K"
    )
    sync = w.SyncIndicator("À jour · il y a 1 min")
    return w.TopBar(search, sync, w.AccountButton("Claire Martin", "Infirmière · Les Tilleuls"))


def _buttons() -> QWidget:
    card = w.Card(
        "Boutons",
        count="14 nouvelles",
        action=w.Button("Tout lire", variant="quiet", trailing_icon="arrow-right"),
    )
    off = [w.Button("Inviter", variant="primary", icon="user-plus"), w.Button("Imprimer", icon="printer")]
    for button in off:
        button.setEnabled(False)
    card.add_row(
        _flow(
            w.Button("Nouvelle transmission", variant="primary", icon="pencil-plus"),
            w.Button("Relève imprimée", icon="printer"),
            w.Button("Modifier", variant="quiet"),
            w.Button("Retirer du cercle", variant="danger", icon="user-minus"),
            w.Button("J’ai oublié ma phrase", variant="link"),
        )
    )
    card.add_row(
        _flow(
            w.Button("Publier", variant="primary", size="compact", hint="Ctrl ↵"),
            w.Button("Lu et pris en compte", variant="primary", size="compact", icon="check"),
            w.Button("Photo", size="compact", icon="photo"),
            w.Button("Lui écrire", variant="primary", size="family", icon="message-2-plus"),
            w.Button("Proposer une visite", size="family", icon="calendar-plus"),
            *off,
        )
    )
    card.add_row(
        _flow(
            w.IconButton("dots", "Autres actions"),
            w.IconButton("chevron-left", "Semaine précédente", variant="secondary"),
            w.IconButton("chevron-right", "Semaine suivante", variant="secondary"),
            w.IconButton("trash", "Jeter le brouillon", size="compact"),
            w.IconButton("copy", "Copier le lien", variant="secondary", size="compact"),
            w.IconButton("info-circle", "Ce que c’est", size="small"),
        )
    )
    return card


def _toggles() -> QWidget:
    card = w.Card("Choisir")
    filters = w.ToggleGroup(
        "Filtrer",
        [
            w.Choice("all", "Tout"),
            *w.volet_choices(["life", "coordination", "care"]),
            w.Choice("unread", "Non lu 4", name="Non lu, 4 transmissions"),
        ],
    )
    write = w.ToggleGroup("Écrire dans", w.volet_choices(w.VOLET_CODES))
    write.set_current("care")
    write.chip("restricted").setEnabled(False)
    urgent = w.ToggleChip(w.Choice("urgent", "Urgent", "alert-triangle", "urgent"))
    urgent.setChecked(True)
    tabs = w.TabsBar("Dossier", ["Cahier", "Agenda", "Messages", "Vie", "Médical", "Documents", "Cercle"])
    card.add_row(filters)
    card.add_row(_flow(write, urgent, w.ToggleChip(w.Choice("task", "Consigne", "target"))))
    card.add_row(tabs)
    return card


def _entry() -> QWidget:
    card = w.Card(tone="urgent")
    line = QHBoxLayout()
    line.setSpacing(metrics().gap(12))
    line.addWidget(w.Avatar("Jeanne Moreau", size=44), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(metrics().gap(4))
    head = _flow(
        w.Label("Jeanne Moreau", "name"),
        w.Label("chambre 12 · 1er étage", "secondary", tone="ink-2"),
        w.Chip("Urgent", icon="alert-triangle", tone="urgent"),
        w.VoletChip("care"),
    )
    words.addWidget(head)
    words.addWidget(
        w.Paragraph(
            "Chute dans le couloir à 6 h 40, sans perte de connaissance. "
            "Surveillance de la conscience toutes les 2 heures jusqu’à 14 h."
        )
    )
    words.addWidget(
        w.ElidedLabel(
            "Sofia Benali, aide-soignante · aujourd’hui 6 h 55 · lu par 2 sur 6", "secondary", tone="ink-2"
        )
    )
    line.addLayout(words, 1)
    line.addWidget(w.Button("Lu et pris en compte", variant="primary", size="compact", icon="check"))
    card.add_row(line)
    return card


def _fields() -> QWidget:
    card = w.Card("Écrire")
    wrong = w.LabeledField(
        "Code d’invitation", w.TextField("Code d’invitation", placeholder="7-guitare-lavande")
    )
    wrong.set_error("Ce code n’existe plus. Demandez-en un autre à la personne qui vous invite.")
    secret = w.PassphraseField("Phrase de passe de Claire Martin", size="family")
    secret.setText("quatre mots bien choisis")
    off = w.TextField("Nom d’usage")
    off.setText("Moreau")
    off.setEnabled(False)
    edit = w.GrowingTextEdit("Votre transmission", placeholder="Écrire ce qui s’est passé…")
    edit.setPlainText(
        "Hématome de 3 cm au coude droit après la chute de 6 h 40. Pas de douleur à la mobilisation, EVA 2."
    )
    card.add_row(
        _stack(
            w.LabeledField(
                "Prénom et nom",
                w.TextField("Prénom et nom", placeholder="Anne Moreau"),
                help_text="Comme les autres membres du cercle les liront.",
            ),
            wrong,
            w.LabeledField("Phrase de passe de Claire Martin", secret),
            w.LabeledField("Code PIN", w.PinField("Code PIN")),
            w.LabeledField("Nom d’usage", off),
            w.LabeledField("Votre transmission", edit),
        )
    )
    return card


def _banners() -> QWidget:
    return _stack(
        w.Banner(
            "Il est réservé aux soignants, sauf si Jeanne vous en donne l’accès. "
            "Vous pouvez poser vos questions à l’équipe.",
            title="Le dossier médical n’est pas sur cet ordinateur.",
            tone="neutral",
            action=w.Button("Qui peut lire quoi\u202f?"),
        ),
        w.Banner(
            "Sofia doit ouvrir CareLink pour confirmer votre arrivée. Vous pouvez fermer cette fenêtre."
        ),
        w.Banner(
            "Vous écrivez hors ligne depuis hier 18 h. Tout est gardé ici et partira dès que possible.",
            tone="caution",
        ),
        w.Banner(
            "Le relais a présenté un certificat inconnu. Rien n’a été envoyé.",
            title="Échanges arrêtés",
            tone="urgent",
            action=w.Button("Voir le détail", size="compact"),
        ),
        w.Banner("Anne Moreau fait partie du cercle.", tone="success"),
    )


def _text() -> QWidget:
    card = w.Card("Textes")
    long = "Équipe de nuit, unité de vie protégée du premier étage, bâtiment des Tilleuls. "
    card.add_row(
        _stack(
            w.Label("Bonjour Claire", "title"),
            w.Label("Dimanche 22 novembre · votre dernière relève\u00a0: samedi à 21 h 10", tone="ink-2"),
            w.SectionHeading("Qui est dans le cercle de Jeanne, et qui lit quoi", role="heading"),
            w.ElidedLabel(long * 2, tone="ink-2"),
            w.Label(
                "Poids\u00a0: 58,2 kg, soit −4,6 % en un mois → avis demandé", "secondary", tone="caution"
            ),
            gap=6,
        )
    )
    return card


def _chips() -> QWidget:
    card = w.Card("En un coup d’œil")
    card.add_row(_flow(*(w.VoletChip(code) for code in w.VOLET_CODES)))
    card.add_row(
        _flow(
            *(w.VoletChip(code, short=True) for code in w.VOLET_CODES),
            w.Chip("chambre 12", icon="bed"),
            w.Chip("présente", icon="map-pin"),
            w.Chip("Précaution\u00a0: texture mixée", icon="tools-kitchen-2", tone="caution"),
            w.Chip("Urgent", icon="alert-triangle", tone="urgent"),
        )
    )
    names = ["Claire Martin", "Sofia Benali", "Karim Haddad", "Dr Paul Petit", "Lina Caron", "Anne Moreau"]
    card.add_row(
        _flow(
            *(w.Avatar(name) for name in names), w.Avatar("Jeanne Moreau", size=56), w.Badge(3), w.Badge(128)
        )
    )
    card.add_row(
        _flow(
            w.SyncIndicator("À jour · il y a 1 min"),
            w.SyncIndicator("Échange en cours", "working"),
            w.SyncIndicator("3 à envoyer", "waiting"),
            w.SyncIndicator("Hors ligne depuis hier 18 h", "offline"),
            w.SyncIndicator("2 refus à regarder", "problem"),
        )
    )
    return card


def _journey() -> QWidget:
    card = w.Card("Étapes")
    card.add_row(w.StepIndicator(["Vous", "La personne", "Votre phrase"], current=1))
    card.add_row(
        w.WaitList(
            [
                w.WaitStep("Invitation envoyée", "hier 18 h 10", "done"),
                w.WaitStep(
                    "Claire Martin doit ouvrir CareLink",
                    "Elle confirmera que c’est bien vous. Vous pouvez fermer cette fenêtre.",
                    "current",
                ),
                w.WaitStep("Le cahier arrive ici"),
            ]
        )
    )
    return card


def _codes() -> QWidget:
    card = w.Card("Code d’invitation")
    card.add_row(
        _stack(
            w.CodeDisplay("7481-2063", name="Code d’invitation"),
            w.CodeDisplay("7-guitare-lavande", name="Code"),
        )
    )
    square = QHBoxLayout()
    square.addWidget(w.QrCode(_SAMPLE_QR, name="Code QR de l’invitation", size=160))
    square.addSpacing(metrics().gap(16))
    square.addWidget(
        w.Paragraph("À montrer au téléphone de la personne invitée. Valable une heure.", tone="ink-2"), 1
    )
    card.add_row(square)
    return card


def _choices() -> QWidget:
    card = w.Card("À faire", count="2 sur 9")
    done = w.CheckBox("Peser Marcel Roux")
    done.setChecked(True)
    off = w.CheckBox("Réévaluer la douleur")
    off.setEnabled(False)
    role = w.Select("Rôle")
    role.addItems(["Infirmier ou infirmière", "Proche"])
    oral = w.RadioButton("Accord oral")
    oral.setChecked(True)
    long = w.CheckBox("La personne accepte que son infirmière voie le cahier et la coordination")
    oral_or_written = _stack(oral, w.RadioButton("Accord écrit"), gap=2)
    for row in (done, long, off, oral_or_written, w.LabeledField("Rôle", role)):
        card.add_row(row)
    visit = QHBoxLayout()
    visit.setSpacing(metrics().gap(12))
    visit.addWidget(w.Label("8 h 30", "strong"))
    visit.addWidget(w.ColorBar(current_theme().tint("care").ink))
    visit.addWidget(_stack(w.Label("Pansement, sacrum"), w.Label("Lucien Faure", "secondary"), gap=0), 1)
    card.add_row(visit)
    return card


def _tile() -> QWidget:
    chosen = w.PersonTile("Claire Martin", "Infirmière")
    chosen.setCheckable(True)
    chosen.setChecked(True)
    return _stack(
        chosen,
        w.PersonTile("Sofia Benali", "Aide-soignante", note="Brouillon en attente"),
        w.PersonTile("Jeanne Moreau", "chambre 12", unread=4),
    )


def _waiting() -> QWidget:
    card = w.Card("Cahier")
    card.add_row(w.SkeletonRows(2))
    card.add_row(
        w.EmptyState(
            "notes",
            "Aucune transmission pour l’instant",
            "Ce que l’équipe et les proches écriront sur Jeanne viendra ici.",
            action=w.Button("Écrire la première", variant="primary", icon="pencil"),
        )
    )
    return card


def main() -> int:
    """Show the gallery in the theme and at the scale given on the command line."""
    app = QApplication(sys.argv[:1])
    name: ThemeName = next((theme for theme in THEME_NAMES if theme in sys.argv), "light")
    apply_theme(app, name, next((int(word) for word in sys.argv[1:] if word.isdigit()), 100))
    page = build_gallery()
    page.resize(1440, 900)
    page.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
