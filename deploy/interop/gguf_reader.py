#!/usr/bin/env python3
"""Reads every GGUF file of a model folder with gguf-py, llama.cpp's own reader, and prints what it says.

usage: gguf_reader.py MODEL_FOLDER

Needs: pip install gguf. Dequantises every tensor, and fails where a value is not finite or a width in the metadata is not
that of the tensors.
"""
import pathlib
import sys

import numpy
from gguf import GGUFReader
from gguf.quants import dequantize


def widths(reader, key):
    value = reader.fields[key].contents()
    return value if isinstance(value, list) else None, value


def check(path):
    reader = GGUFReader(path)
    architecture = reader.fields["general.architecture"].contents()
    layers = reader.fields[f"{architecture}.block_count"].contents()
    tensors = {t.name: t for t in reader.tensors}
    for tensor in reader.tensors:
        if not numpy.isfinite(dequantize(tensor.data, tensor.tensor_type)).all():
            raise SystemExit(f"{path}: {tensor.name} is not finite")
    size = reader.fields[f"{architecture}.attention.key_length"].contents()
    told = {}
    for key, name, divisor in (("attention.head_count", "attn_q", size), ("attention.head_count_kv", "attn_k", size),
                               ("feed_forward_length", "ffn_up", 1)):
        per_layer, value = widths(reader, f"{architecture}.{key}")
        told[key] = value
        for layer in range(layers):
            wanted = per_layer[layer] if per_layer else value
            tensor = tensors.get(f"blk.{layer}.{name}.weight")
            stored = 0 if tensor is None else int(tensor.shape[1]) // divisor
            if stored != wanted:
                raise SystemExit(f"{path}: layer {layer}: {key} is {wanted}, {name} has {stored}")
    kinds = sorted({t.tensor_type.name for t in reader.tensors})
    print(f"ok  {path.name:18}{architecture:7}{len(tensors)} tensors of {', '.join(kinds)}; {told}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for file in sorted(pathlib.Path(sys.argv[1]).glob("*.gguf")):
        check(file)
