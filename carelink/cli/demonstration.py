"""`carelink demo`, `carelink tour`: invented people to try everything with, and pictures of it all."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from carelink.cli.opening import home_of
from carelink.cli.output import Output
from carelink.language import tr
from carelink.services.demo import Demo, demo_home


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    demo = commands.add_parser("demo", parents=[common], help=tr("préparer et ouvrir la démonstration"))
    demo.add_argument("--reset", action="store_true", help=tr("la refaire de zéro"))
    demo.add_argument("--open", action="store_true", help=tr("ouvrir la fenêtre"))
    demo.set_defaults(run=_demo)
    tour = commands.add_parser(
        "tour", parents=[common], help=tr("images de chaque écran, pour chaque profil")
    )
    tour.add_argument("--out", type=Path, required=True, metavar="DIR")
    tour.add_argument("--size", default="1440x900", metavar="WxH")
    tour.add_argument("--scale", type=int, choices=[100, 150], default=100)
    tour.add_argument("--theme", choices=["light", "dark", "contrast"], default="light")
    tour.add_argument(
        "--gallery", action="store_true", help=tr("seulement les pièces dont les écrans sont faits")
    )
    tour.set_defaults(run=_tour)


def _progress(output: Output) -> Callable[[str, int, int], None]:
    """Return what says each step once it is done."""

    def say(step: str, done: int, total: int) -> None:
        if done == total:
            output.message(tr("{step} ({total}).", step=step, total=total))

    return say


def _demo(parsed: Namespace, output: Output) -> int:
    demo = Demo(demo_home(home_of(parsed)))
    if demo.build(_progress(output), reset=parsed.reset):
        output.message(tr("La démonstration est prête."))
    accounts = demo.accounts()
    output.result(
        {
            "home": str(demo.home.path),
            "passphrase": demo.passphrase,
            "accounts": [
                {"account": one.account, "name": one.name, "description": one.description} for one in accounts
            ],
            "circles": [{"circle": one.circle, "patient": one.patient} for one in demo.circles()],
        },
        _spoken(demo),
    )
    return _open(demo) if parsed.open else 0


def _spoken(demo: Demo) -> str:
    lines = [f"{account.name}\n    {account.description}" for account in demo.accounts()]
    place = tr(
        "Comptes de la démonstration, dans {home} (phrase de passe\u00a0: {words})",
        home=demo.home.path,
        words=demo.passphrase,
    )
    return "\n".join([place, *lines])


def _open(demo: Demo) -> int:
    from carelink.app import open_desktop

    demo.start_relay()
    try:
        return open_desktop(demo.home)
    finally:
        demo.stop_relay()


def _tour(parsed: Namespace, output: Output) -> int:
    from carelink.ui.tour import Look, run_tour
    from carelink.ui.tour.tour import read_size

    width, height = read_size(parsed.size)
    look = Look(width, height, parsed.scale, parsed.theme)
    pictures = run_tour(parsed.out, look, _progress(output), gallery=parsed.gallery)
    output.result(
        {"out": str(parsed.out), "pictures": [picture.name for picture in pictures]},
        tr("{n} images dans {out}", n=len(pictures), out=parsed.out),
    )
    return 0
