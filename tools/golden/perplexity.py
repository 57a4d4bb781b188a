"""P128 perplexity of the stories model on the excerpt."""

import math

import torch

from common import MODEL_GOLDEN, excerpt_tokens, load_stories, write_json

LENGTH = 128


def main():
    ids = excerpt_tokens()
    windows = len(ids) // LENGTH
    segments = torch.tensor(ids[: windows * LENGTH]).reshape(windows, LENGTH)
    with torch.no_grad():
        logits = load_stories()(segments).logits[:, :-1].double()
    nll = torch.nn.functional.cross_entropy(logits.flatten(0, 1), segments[:, 1:].flatten()).item()
    write_json(
        MODEL_GOLDEN / "perplexity.json",
        {"text": "perplexity.txt", "length": LENGTH, "tokens": len(ids), "windows": windows, "first_ids": ids[:32],
         "nll": nll, "perplexity": math.exp(nll)},
    )


if __name__ == "__main__":
    main()
