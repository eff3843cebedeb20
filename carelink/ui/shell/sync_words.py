"""The state of exchange in words: always true, the worst first."""

from __future__ import annotations

from carelink.language import tr
from carelink.services.exchange.state import SyncState
from carelink.ui.moments import ago_words, since_words
from carelink.ui.widgets import SyncLook


def headline(state: SyncState, *, running: bool, now: int) -> tuple[str, SyncLook]:
    """Return the few words of the top bar, and their look."""
    to_send = count_words(state.to_send, tr("1 note à envoyer"), tr("{n} notes à envoyer"))
    if state.alarms:
        return tr("Membres à vérifier"), "problem"
    if state.refusals:
        return count_words(
            len(state.refusals), tr("1 refus à regarder"), tr("{n} refus à regarder")
        ), "problem"
    if state.missing:
        return count_words(len(state.missing), tr("1 note manquante"), tr("{n} notes manquantes")), "problem"
    if state.offline_since is not None:
        words = tr("Hors ligne depuis {when}", when=since_words(state.offline_since, now))
        return " · ".join(part for part in (words, to_send) if part), "offline"
    if state.held:
        return count_words(state.held, tr("1 note vous attend"), tr("{n} notes vous attendent")), "waiting"
    if running:
        return tr("Échange en cours"), "working"
    if to_send:
        return to_send, "waiting"
    if state.last_exchange is None:
        return tr("Aucun échange encore"), "waiting"
    return tr("À jour · {when}", when=ago_words(state.last_exchange, now)), "ok"


def count_words(count: int, one: str, many: str) -> str:
    """Return a count in words, or nothing at zero."""
    return "" if not count else one if count == 1 else many.format(n=count)


def refusal_words(why: str) -> str:
    """Return why something that the relay gave was refused."""
    reasons = {
        "bad_signature": tr("la signature ne correspond pas"),
        "bad_chain": tr("elle ne suit pas la note d’avant"),
        "gap": tr("il manque la note d’avant"),
        "fork": tr("deux notes différentes prennent la même place"),
        "wrong_epoch": tr("elle est fermée avec une clé qui n’a plus cours"),
        "no_right": tr("son auteur n’avait pas le droit d’écrire là"),
        "unknown_device": tr("elle vient d’un appareil inconnu du cercle"),
        "unreadable": tr("elle est illisible"),
        "registry_split": tr("la liste des membres se contredit"),
        "checkpoint_regression": tr("le relais est revenu en arrière"),
    }
    return reasons.get(why, tr("raison {code}", code=why))
