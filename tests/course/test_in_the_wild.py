"""Test that chapters name their sources, and, in the parts on layers and craft, three networks with their code."""

import re

import pytest
import yaml

from tests.root import COURSE, ROOT

PARTS = ("II. Layers", "III. Craft")
LINE = re.compile(r"- \[[^]]+\]\(https://\S+\) \((?:19|20)\d\d\)\. .+ \(\[code\]\(https://\S+\)\)")
NAMES = ("ResNet", "U-Net", "ViT", "GPT-2", "Llama 2", "BERT", "Stable Diffusion", "Whisper", "Mamba", "wav2vec 2.0")
NAMES += ("CLIP", "AlphaFold 2")


def chapters() -> list[str]:
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    files = [item["file"] for part in parts if part["caption"] in PARTS for item in part["chapters"]]
    return [file.split("/")[1] for file in files if file.startswith("notebooks/")]


def lines(chapter: str) -> list[str]:
    text = (ROOT / "book/chapters" / chapter / "text.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split("\n## When to use which\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    return [line for line in section.partition("**In the wild.**")[2].splitlines() if line.startswith("- ")]


@pytest.mark.parametrize("chapter", chapters())
def test_chapter_names_three_networks_with_sources(chapter: str) -> None:
    found = lines(chapter)
    assert len(found) == 3
    assert [line for line in found if not LINE.fullmatch(line)] == []


def test_every_well_known_architecture_is_named() -> None:
    said = " ".join(line for chapter in chapters() for line in lines(chapter))
    assert [name for name in NAMES if f"[{name}]" not in said] == []


@pytest.mark.course
def test_every_chapter_names_its_sources() -> None:
    for name in COURSE.chapters:
        text = COURSE.text(name).read_text(encoding="utf-8")
        sources = text.rpartition("\n## Sources and further reading\n")[2]
        assert name == "explorers" or sources.count("](https://") >= 3, name
