"""Finds, in source text, what goes around a rule of the house: around the settings, a tenant's wall, safe formats.

Each finding is `file: what`; a file may do it only where the test names it together with the reason.
"""

import ast
from collections.abc import Callable, Iterator

ENVIRONMENT = {"environ", "getenv", "putenv", "environb"}
AROUND_THE_MANAGER = {"unscoped", "using", "raw", "extra"}
OTHER_MANAGERS = {"_base_manager", "_default_manager"}
EXECUTING_FORMATS = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal", "_pickle"}
EXECUTING_CALLS = {"eval", "exec", "compile", "__import__"}


def environment(tree: ast.AST) -> Iterator[str]:
    """Reading or writing the process's environment; naming the settings module is how every process begins."""
    begins = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("os.environ.setdefault('DJANGO_SETTINGS_MODULE'")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and node not in begins:
            yield f"os.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (f"os.{alias.name}" for alias in node.names if alias.name in ENVIRONMENT)


def around_the_manager(tree: ast.AST) -> Iterator[str]:
    """Rows asked for without the scoped manager."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in AROUND_THE_MANAGER:
            yield f".{node.func.attr}()"
        if isinstance(node, ast.Attribute) and node.attr in OTHER_MANAGERS:
            yield f".{node.attr}"


def executing(tree: ast.AST) -> Iterator[str]:
    """Formats and switches that let data run as code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in EXECUTING_FORMATS)
        elif isinstance(node, ast.ImportFrom):
            yield from [node.module] if (node.module or "").split(".")[0] in EXECUTING_FORMATS and node.module else []
        elif isinstance(node, ast.keyword) and node.arg in ("trust_remote_code", "allow_pickle", "shell"):
            yield from [] if ast.unparse(node.value) == "False" else [f"{node.arg}={ast.unparse(node.value)}"]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            yield from [called] if called in EXECUTING_CALLS or called in ("torch.load", "yaml.load") else []


Rule = Callable[[ast.AST], Iterator[str]]


def findings(rule: Rule, source: str) -> set[str]:
    return set(rule(ast.parse(source)))
