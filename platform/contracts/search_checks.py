"""What may be searched, and everything that can be wrong with asking for it, told at once."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from contracts.fine_tune import FOR_CLASSES, METHODS, RANGES, WEIGHTINGS, Hyperparameters
from contracts.problems import Fault, echo
from contracts.search import PRUNINGS, STRATEGIES, Choices, Range, Search, Space
from contracts.task import Form

WHOLE = ("n_epochs", "batch_size", "lora_rank", "patience", "max_length")
WORDS: dict[str, tuple[str, ...] | None] = {"method": METHODS[1:], "class_weights": WEIGHTINGS, "model": None}
SEARCHED = (*RANGES, *WORDS)
BUDGETS: dict[str, tuple[int, int]] = {
    "trials": (2, 200),  # one alone is a job without a search
    "minutes": (1, 7 * 24 * 60),
    "parallel": (1, 16),
}
MOST_CHOICES = 50  # of one parameter


def completed(asked: Search, *, method: str, given: Hyperparameters, form: Form) -> Search:
    """With a space where none was given, and as many trials as a grid has points."""
    space = asked.space or default_space(method=method, given=given, form=form)
    found = replace(asked, space=space)
    return replace(found, trials=found.points) if found.strategy == "grid" else found


def default_space(*, method: str, given: Hyperparameters, form: Form) -> Space:
    """What moves a fine-tuning most, around what is chosen without a search: rates by a factor, as their right size
    depends on base, method and batch."""
    space: Space = {
        "learning_rate_multiplier": Range(low=0.1, high=10.0, log=True),
        "batch_size": (16, 32, 64),
        "weight_decay": Range(low=0.001, high=0.3, log=True),
    }
    if form.target is not None and form.target.content in FOR_CLASSES["label_smoothing"]:
        space["label_smoothing"] = Range(low=0.0, high=0.2)
    if method == "lora":
        space["lora_rank"] = (4, 8, 16, 32)
    return {name: one for name, one in space.items() if getattr(given, name) is None}


def faults_of(asked: Search, *, method: str, given: Hyperparameters, form: Form | None) -> list[Fault]:
    """`asked` as it came; `method` and `given`: what the job fixes; `form`: of the task, where there is one."""
    faults = list(_of_budget(asked))
    for name, one in asked.space.items():
        faults += _of_parameter(name, one) or _of_values(name, one)
        faults += _of_context(name, method=method, given=given, form=form)
    if {"learning_rate", "learning_rate_multiplier"} <= asked.space.keys():
        message = "learning_rate and learning_rate_multiplier say the same: search one of them."
        faults.append(_fault("fixed_and_searched", message, "space.learning_rate_multiplier"))
    if "lora_rank" in asked.space and method != "lora" and not _holds(asked.space.get("method"), "lora"):
        message = "lora_rank is searched, and no trial is trained by lora. Set method to lora, or search it, too."
        faults.append(_fault("never_used", message, "space.lora_rank"))
    if asked.strategy == "grid":
        faults += _of_grid(asked)
    elif form is not None and not completed(asked, method=method, given=given, form=form).space:
        message = "Everything that is searched by default is fixed in hyperparameters: name a space."
        faults.append(_fault("nothing_to_search", message, "space"))
    return faults


def _of_budget(asked: Search) -> Iterator[Fault]:
    for name, allowed in (("strategy", STRATEGIES), ("pruning", PRUNINGS)):
        if getattr(asked, name) not in allowed:
            message = f"{name} must be one of: {', '.join(allowed)}; not {echo(getattr(asked, name))}."
            yield _fault("invalid_choice", message, name)
    for name, (low, high) in BUDGETS.items():
        value = getattr(asked, name)
        if value is not None and not low <= value <= high:
            message = f"{name} must lie between {low:,} and {high:,}; {value:,} does not."
            yield _fault("out_of_range", message, name)


def _of_parameter(name: str, one: Range | Choices) -> list[Fault]:
    """Of a name that is not searched, or not in this way."""
    param = f"space.{name[:50]}"
    if name not in SEARCHED:
        message = f"{echo(name)} cannot be searched; {', '.join(SEARCHED)} can."
        return [_fault("unknown_parameter", message, param)]
    if isinstance(one, Range):
        if name in WORDS:
            return [_fault("wrong_type", f"{name} has no range: give a list of its values.", param)]
        return []
    if not 2 <= len(one) <= MOST_CHOICES:
        message = f"{name} must have between 2 and {MOST_CHOICES} values; it has {len(one)}."
        return [_fault("out_of_range", message, param)]
    if len(set(one)) < len(one):
        return [_fault("duplicate_value", f"{name} names a value twice.", param)]
    return []


def _of_values(name: str, one: Range | Choices) -> list[Fault]:
    param = f"space.{name}"
    values: tuple[Any, ...] = (one.low, one.high) if isinstance(one, Range) else one
    if name in WORDS:
        known = WORDS[name]
        wrong = [value for value in values if not isinstance(value, str) or (known is not None and value not in known)]
        allowed = f"one of: {', '.join(known)}" if known is not None else "a base model's name"
        message = f"Each value of {name} must be {allowed}; not {', '.join(map(echo, wrong[:5]))}."
        return [_fault("invalid_choice", message, param)] if wrong else []
    if words := [value for value in values if isinstance(value, str)]:
        return [_fault("wrong_type", f"{name} is a number; not {', '.join(map(echo, words[:5]))}.", param)]
    low, high = RANGES[name]
    faults = []
    if beyond := [value for value in values if not low <= value <= high]:
        message = f"{name} must lie between {low:g} and {high:g}; {', '.join(map(echo, beyond[:5]))} not."
        faults.append(_fault("out_of_range", message, param))
    if name in WHOLE and not beyond and (broken := [value for value in values if not float(value).is_integer()]):
        message = f"{name} is a whole number; {', '.join(map(echo, broken[:5]))} not."
        faults.append(_fault("wrong_type", message, param))
    return faults + (_of_ends(name, one) if isinstance(one, Range) else [])


def _of_ends(name: str, one: Range) -> list[Fault]:
    faults = []
    if not one.low < one.high:
        message = f"low must be below high; {one.low:g} and {one.high:g} are not so."
        faults.append(_fault("empty_range", message, f"space.{name}"))
    if one.log and one.low <= 0:
        message = f"A range on a logarithmic scale begins above 0; {one.low:g} does not."
        faults.append(_fault("out_of_range", message, f"space.{name}"))
    return faults


def _of_context(name: str, *, method: str, given: Hyperparameters, form: Form | None) -> list[Fault]:
    """What the job fixes already, and what the task has no use for."""
    param = f"space.{name}"
    if (name == "method" and method != "auto") or getattr(given, name, None) is not None:
        message = f"{name} is fixed by the job and searched: leave it out of one of them."
        return [_fault("fixed_and_searched", message, param)]
    if form is not None and name in FOR_CLASSES:
        content = form.target.content if form.target else None
        if content not in FOR_CLASSES[name]:
            message = f"{name} is for classes, and a task in the form {form.name} has none to tell apart. Leave it out."
            return [_fault("not_for_this_form", message, param)]
    return []


def _of_grid(asked: Search) -> list[Fault]:
    ranges = [name for name, one in asked.space.items() if isinstance(one, Range)]
    if ranges or not asked.space:
        found = f"{', '.join(ranges)} has a range" if ranges else "there is no space"
        message = f"A grid is made of lists of values, and {found}: name the values, or take tpe or random."
        return [_fault("grid_without_choices", message, "space")]
    most = BUDGETS["trials"][1]
    if asked.points > most:
        message = f"The grid has {asked.points:,} points, and a search at most {most} trials: name fewer values."
        return [_fault("too_many_points", message, "space")]
    if asked.points > asked.trials:
        message = f"The grid has {asked.points} points, and trials allows {asked.trials}: allow as many as points."
        return [_fault("too_many_points", message, "trials")]
    return []


def _holds(one: Range | Choices | None, value: str) -> bool:
    return isinstance(one, tuple) and value in one


def _fault(code: str, message: str, param: str) -> Fault:
    return Fault(code=code, message=message, param=f"search.{param}")
