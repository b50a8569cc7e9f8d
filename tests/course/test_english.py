"""Test that what people read is American English that makes no reader stop, and that statements are short."""

import ast
import re
import subprocess
import sys

import pytest

from autograder.course import front_and_body
from autograder.texts.statements import bullets
from tests.root import COURSE, ROOT

# Each of these made native readers stop, wherever it occurred.
STOPS = re.compile(
    r"\banew\b|\bin the place of\b|, also (?:where|when|if|none|those|with)\b|(?<!the )\b(?:in|out)side of\b"
    r"|\b(?:number|module|function|layer|version) of (?:yours|ours)\b|\basked for (?:is|are)\b|\bone behind the other\b"
    r"|\bno (?:\w+ ){1,3}any more\b|\bcomes? from above\b|\bthe one of\b(?! the two)|\bputs? out\b|\bin small letters\b"
    r"|\bfor each its own\b|, for (?:it|they|there|you|we) |\b(?:is|are) taken off\b|\b(?:as|so|too|is|are) dear\b"
    r"|\bA tiny example\b|[.!] Who (?:has|writes|hands|puts|wants)\b[^?.]*\.|\bWhat of\b|\bwhomever\b"
    r"|\b(?:whilst|towards|amongst|spelt|learnt)\b",
    re.IGNORECASE,
)
NAMES = "ot,nd,bais,teh,notin,befores"  # which are no mistakes
CODE = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$|\{\{.*?\}\}|(`+)[^`].*?\1|\w*[_.]\w+|\w+\(", re.DOTALL)
SILENT = re.compile(r"<!--.*?-->|\]\([^)\s]*\)", re.DOTALL)  # what no reader reads
FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
STATEMENT = re.compile(r"^### Exercise: .*\n((?:(?!### ).*\n)*?)```\{code-cell\}.*\n:solution: (\w+)", re.MULTILINE)


def plain(text):
    """Return a text's words on one line: without comments and link targets, one word for a formula or a code span."""
    return " ".join(CODE.sub(" CODE ", SILENT.sub("", text)).split())


def mistakes(*sources):
    """Return the words in Markdown texts, and in their code's comments, that make readers stop or are misspelled."""
    texts = [FENCE.sub(lambda code: "\n".join(re.findall("(?:# |:alt: ).*", code[0])), text) for text in sources]
    text = "\n".join(map(plain, texts))
    command = [sys.executable, "-m", "codespell_lib", "--builtin", "clear,en-GB_to_en-US", "-L", NAMES, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return [found[0] for found in STOPS.finditer(text)] + re.findall(r"(\S+) ==> ", done.stdout)


def too_long(text):
    """Return the statements that have more than 150 words, and their bullets that have more than 25."""
    parts = [(name, FENCE.sub("", statement), 150) for statement, name in STATEMENT.findall(text)]
    parts += [(name, bullet.text, 25) for name, statement, _ in parts for bullet in bullets(statement)]
    return [(name, part) for name, part, limit in parts if len(re.findall(r"\S*\w\S*", plain(part))) > limit]


def test_texts_make_no_reader_stop():
    folders = ("*.md", "book/*.md", "book/parts/*.md", "book/chapters/*/*.md")
    texts = [front_and_body(path.read_text(encoding="utf-8"))[1] for pattern in folders for path in ROOT.glob(pattern)]
    assert mistakes(*texts) == []
    assert mistakes("Drawn anew. `colour`\n```\nx  # a grey net\n```\n") == ["anew", "grey"]


def test_docstrings_make_no_reader_stop():
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    folders = ("layerlab", "autograder", "authoring", "book/_ext", "tests")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for name in folders for path in (ROOT / name).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]
    assert mistakes(*(ast.get_docstring(node) or "" for node in nodes)) == []


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_statements_and_bullets_are_short(chapter):
    assert too_long(COURSE.text(chapter).read_text(encoding="utf-8")) == []


def test_long_statement_and_bullet_are_found():
    text = "### Exercise: a sum\n\n- Return `x.sum()`{}.\n\n```{{code-cell}} ipython3\n:solution: total\n```\n"
    assert [len(too_long(text.format(" and $x$" * count))) for count in (11, 13, 80)] == [0, 1, 2]
