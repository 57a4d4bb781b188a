"""What lm-evaluation-harness itself asks and scores on the excerpts of the zero-shot tasks.

Everything between the rows and the numbers is the harness's: task definitions, templates, tokenisation, batching,
scoring. Only the rows come from files, turned into the columns that the data sets have on the hub.

With arguments it compares at scale instead: `zero_shot.py MODEL_FOLDER TASKS_FOLDER LIMIT OUT.json`, where
TASKS_FOLDER/TASK/*.jsonl are the original files. zero_shot.txt has what it printed.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from common import ROOT, STORIES

EXCERPTS = ROOT / "libs/evaluation/src/test/resources/tasks"
GOLDEN = ROOT / "libs/evaluation/src/test/resources/golden/zero-shot.json"
EXCERPT_ROWS = 24


def exam(row):
    choices = row["question"]["choices"]
    return {
        "question": row["question"]["stem"],
        "question_stem": row["question"]["stem"],
        "choices": {"text": [c["text"] for c in choices], "label": [c["label"] for c in choices]},
        "answerKey": row["answerKey"],
    }


def boolq(row):
    passage = row["title"] + " -- " + row["passage"]
    return {"question": row["question"], "passage": passage, "label": int(row["answer"])}


# Per task: the split that the harness evaluates, and the columns of the hub's edition.
TASKS = {
    "boolq": ("validation", boolq),
    "piqa": ("validation", lambda row: row),
    "hellaswag": ("validation", lambda row: row | {"label": str(row["label"])}),
    "winogrande": ("validation", lambda row: row),
    "arc_easy": ("test", exam),
    "arc_challenge": ("test", exam),
    "openbookqa": ("test", exam),
}


def pages(file):
    """As the hub's data set script cuts the raw file."""
    found, lines = [], []
    for line in file.read_text().split("\n"):
        joined = line.replace("= = =", "===").replace("= =", "==").strip()
        if joined.startswith("= ") and joined.endswith(" ="):
            found.append("\n".join(lines))
            lines = []
        lines.append(line)
    return [{"page": page} for page in found if page.strip()] + [{"page": "\n".join(lines)}]


def docs(task, file, limit):
    read = [json.loads(line) for line in file.read_text().splitlines() if line.strip()][:limit]
    labels = file.with_name(file.stem + "-labels.lst")
    if labels.exists():
        read = [row | {"label": int(label)} for row, label in zip(read, labels.read_text().split())]
    return [TASKS[task][1](row) for row in read]


def load(folder):
    from lm_eval.models.huggingface import HFLM
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    import torch

    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return HFLM(pretrained=model, tokenizer=tokenizer, batch_size=8, device="cpu")


def evaluate(lm, task, rows):
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager
    from lm_eval.tasks._yaml_loader import load_yaml

    split = TASKS[task][0] if task in TASKS else "test"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / f"{split}.jsonl"
        data.write_text("".join(json.dumps(row) + "\n" for row in rows))
        definition = load_yaml(TaskManager().task_index[task].yaml_path, resolve_func=True)
        source = {"dataset_path": "json", "dataset_name": None,
                  "dataset_kwargs": {"data_files": {split: str(data)}, "cache_dir": folder}}
        splits = {name: None for name in ("training_split", "validation_split", "test_split")}
        splits[f"{split}_split"] = split
        results = simple_evaluate(
            model=lm, tasks=[definition | source | splits], num_fewshot=0, bootstrap_iters=1000)
    samples = sorted(results["samples"][task], key=lambda sample: sample["doc_id"])
    scores = results["results"][task]
    numbers = {name.removesuffix(",none"): value for name, value in scores.items() if name.endswith(",none")}
    if task == "wikitext":
        return {"version": str(results["versions"][task]), "scores": numbers, "pages": len(samples)}
    return {
        "version": str(results["versions"][task]),
        "scores": numbers,
        "samples": [
            {
                "requests": [list(request) for request in sample["arguments"]],
                "gold": gold(sample),
                "answers": [[float(reply[0][0]), reply[0][1] in (True, "True")] for reply in sample["resps"]],
                "acc": sample["acc"],
                **({"acc_norm": sample["acc_norm"]} if "acc_norm" in sample else {}),
            }
            for sample in samples
        ],
    }


def gold(sample):
    """WinoGrande's choices are contexts; there the harness keeps the index apart."""
    return int(sample["doc"]["answer"]) - 1 if "option1" in sample["doc"] else int(sample["target"])


def main(model=STORIES, files=None, limit=EXCERPT_ROWS, out=GOLDEN):
    lm = load(model)
    files = files or {task: EXCERPTS / f"{task}.jsonl" for task in TASKS}
    answers = {task: evaluate(lm, task, docs(task, files[task], limit)) for task in TASKS}
    if out == GOLDEN:
        answers["wikitext"] = evaluate(lm, "wikitext", pages(EXCERPTS / "wikitext.txt"))
    out.write_text(json.dumps(answers, indent=1) + "\n")
    print(summary(answers, out))


def summary(answers, file):
    """A line for each task, and the digest of the whole file."""
    lines = [f"{task:14} version {found['version']}  {len(found['samples'])} rows  " + "  ".join(
        f"{metric} {found['scores'][metric]:.4f}" for metric in ("acc", "acc_norm") if metric in found["scores"])
        for task, found in answers.items() if "samples" in found]
    return "\n".join(lines + [f"SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}"])


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        folder, data, limit, out = sys.argv[1:]
        found = {task: sorted((Path(data) / task).glob("*.jsonl"))[0] for task in TASKS}
        main(folder, found, int(limit), Path(out).resolve())
