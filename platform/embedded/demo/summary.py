"""The last words: what was reached and where it lives, or what went wrong and where to look."""

from embedded.addresses import Addresses
from embedded.demo.client import Refused
from embedded.demo.show import Show, percent
from embedded.demo.story import Outcome

LOG_HINT = "`make logs` shows what every process wrote."


def print_summary(outcome: Outcome, addresses: Addresses, show: Show) -> None:
    metrics = outcome.metrics
    show.console.print("\n[bold green]Done.[/]")
    reached, baseline = percent(metrics.get("accuracy")), percent(metrics.get("baseline_accuracy"))
    show.say(f"accuracy  {reached} on the held-out test split; TF-IDF + linear model {baseline}")
    seconds = [f"{title.lower()} {took:.1f} s" for title, took in show.seconds.items() if took >= 0.5]
    show.say(f"seconds   {sum(show.seconds.values()):.1f} in all: {', '.join(seconds)}")
    show.say(f"endpoint  {outcome.endpoint['urls']['native']}")
    show.say(f"webhooks  {', '.join(outcome.webhooks)}")
    show.say(f"report    {outcome.report}")
    show.say(f"API       {addresses.base_url}, documented at {addresses.base_url}/docs")
    show.say(f"console   {addresses.console_url} as {addresses.staff_user}")
    show.say("          its password and the API keys are in .landfall/env")
    show.say("The stack keeps running; `make down` stops it.")


def print_failure(failure: Exception, show: Show) -> None:
    show.console.print("\n[bold red]The demo stopped.[/]")
    if isinstance(failure, Refused):
        show.say(f"{failure.message} ({failure.code}, HTTP {failure.status}, request {failure.request_id})")
        for fault in failure.faults[1:]:
            show.say(f"also: {fault.get('message')}")
    else:
        show.say(str(failure) or type(failure).__name__)
    show.say(LOG_HINT)


def print_stopped(show: Show) -> None:
    show.console.print("\n[bold]Stopped.[/]")
    show.say("What of the stack is up keeps running; `make down` stops it.")
