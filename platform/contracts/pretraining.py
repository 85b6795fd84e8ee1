"""What is asked of a base model that learns from texts without labels. Objectives: `contracts.task.OBJECTIVES`."""

from contracts.fine_tune import ENCODED, BaseModel
from contracts.problems import Fault, echo
from contracts.task import (
    CAUSAL_LANGUAGE,
    MASKED_LANGUAGE,
    OBJECTIVES,
    SUMMARIZATION,
    TEXT_GENERATION,
    TRANSLATION,
)

AUTO = "auto"
CHOICES = (AUTO, *OBJECTIVES)
KEEP, EXTEND = "keep", "extend"
TOKENIZERS = (KEEP, EXTEND)  # `extend`: frequent words that the base cuts into pieces become tokens of their own
OPTION = "tokenizer"  # its name in `TaskSpec.options`
# Of each objective the kinds of tasks that its bases are for; a base for the first of them can go on by it.
BASES = {MASKED_LANGUAGE: ENCODED, CAUSAL_LANGUAGE: (TEXT_GENERATION, TRANSLATION, SUMMARIZATION)}
WHAT = {MASKED_LANGUAGE: "an encoder of texts", CAUSAL_LANGUAGE: "a model that goes on with a text"}


def objective_of(base: BaseModel) -> str | None:
    """What the base can go on learning by; None where it is of no such kind."""
    return next((objective for objective, kinds in BASES.items() if base.fits(kinds[0])), None)


def faults_of_objective(objective: str, base: BaseModel) -> list[Fault]:
    """`objective`: one of `CHOICES`."""
    if objective not in CHOICES:
        message = f"objective must be one of: {', '.join(CHOICES)}; not {echo(objective)}."
        return [Fault(code="invalid_choice", message=message, param="objective")]
    fitting = objective_of(base)
    if fitting is None:
        message = (
            f"The base model {echo(base.name)} learns nothing from texts alone: take {' or '.join(WHAT.values())}."
        )
        return [Fault(code="wrong_base_for_objective", message=message, param="model")]
    if objective in (AUTO, fitting):
        return []
    message = f"{objective} is for {WHAT[objective]}, and {echo(base.name)} is {WHAT[fitting]}. Leave objective out."
    return [Fault(code="wrong_base_for_objective", message=message, param="objective")]


def faults_of_tokenizer(tokenizer: str, objective: str) -> list[Fault]:
    if tokenizer not in TOKENIZERS:
        message = f"tokenizer must be one of: {', '.join(TOKENIZERS)}; not {echo(tokenizer)}."
        return [Fault(code="invalid_choice", message=message, param=OPTION)]
    if tokenizer == EXTEND and objective != MASKED_LANGUAGE:
        message = f"A tokenizer is extended for {MASKED_LANGUAGE} only. Leave tokenizer out."
        return [Fault(code="not_for_this_objective", message=message, param=OPTION)]
    return []
