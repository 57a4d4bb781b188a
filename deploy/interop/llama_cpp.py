#!/usr/bin/env python3
"""Runs every GGUF file of a model folder with llama.cpp and compares its logits with Espalier's.

usage: llama_cpp.py LIB_FOLDER MODEL_FOLDER LOGITS.safetensors

Needs: pip install numpy torch safetensors tokenizers, and llama.cpp as shared libraries. LIB_FOLDER holds libllama*.so and
its libggml*.so: build llama.cpp, or take them ready-made from npm:

    npm pack @node-llama-cpp/linux-x64 && tar xzf node-llama-cpp-linux-x64-*.tgz     # LIB_FOLDER: package/bins/linux-x64

Prints for each file the largest difference of a logit, the share of positions with the same first choice, and whether
llama.cpp tokenises a text as tokenizer.json does. Fails where a logit of an unrounded file differs by more than 1e-4, where a
rounded one's are off by more than a tenth (root mean square over that of the logits around their mean), and where tokens
differ. Left to itself llama.cpp rounds keys,
values and attention to fp16, which moves logits by about 1e-2; here it is told not to.
"""
import ctypes
import pathlib
import sys

import numpy
from safetensors.torch import load_file
from tokenizers import Tokenizer

TEXT = "Once upon a time, there was a little girl named Lily. She said: \"It's 12 o'clock!\"  Isn't it?\n\nYes."
GGML_TYPE_F32 = 0


class ModelParams(ctypes.Structure):
    """Opaque, larger than the real one: it is only taken from one function and given to another."""
    _fields_ = [("bytes", ctypes.c_byte * 512)]


class ContextParams(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_byte * 512)]


class Batch(ctypes.Structure):
    _fields_ = [("n_tokens", ctypes.c_int32), ("token", ctypes.POINTER(ctypes.c_int32)), ("embd", ctypes.c_void_p),
                ("pos", ctypes.c_void_p), ("n_seq_id", ctypes.c_void_p), ("seq_id", ctypes.c_void_p),
                ("logits", ctypes.c_void_p)]


class Llama:
    def __init__(self, folder):
        for name in ("libggml-base*.so", "libggml.v*.so", "libggml.so"):
            for library in folder.glob(name):
                ggml = ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
        self.lib = ctypes.CDLL(str(next(iter(sorted(folder.glob("libllama.*so"))))), mode=ctypes.RTLD_GLOBAL)
        if hasattr(ggml, "ggml_backend_load_all_from_path"):
            ggml.ggml_backend_load_all_from_path(str(folder).encode())
        lib = self.lib
        lib.llama_model_default_params.restype = ModelParams
        lib.llama_context_default_params.restype = ContextParams
        lib.llama_model_load_from_file.restype = ctypes.c_void_p
        lib.llama_model_load_from_file.argtypes = [ctypes.c_char_p, ModelParams]
        lib.llama_init_from_model.restype = ctypes.c_void_p
        lib.llama_init_from_model.argtypes = [ctypes.c_void_p, ContextParams]
        lib.llama_model_get_vocab.restype = ctypes.c_void_p
        lib.llama_model_get_vocab.argtypes = [ctypes.c_void_p]
        lib.llama_batch_get_one.restype = Batch
        lib.llama_batch_get_one.argtypes = [ctypes.POINTER(ctypes.c_int32), ctypes.c_int32]
        lib.llama_decode.argtypes = [ctypes.c_void_p, Batch]
        lib.llama_get_logits_ith.restype = ctypes.POINTER(ctypes.c_float)
        lib.llama_get_logits_ith.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        lib.llama_tokenize.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32,
                                       ctypes.POINTER(ctypes.c_int32), ctypes.c_int32, ctypes.c_bool, ctypes.c_bool]
        lib.llama_set_n_threads.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int32]
        lib.llama_free.argtypes = [ctypes.c_void_p]
        lib.llama_model_free.argtypes = [ctypes.c_void_p]
        quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
        self.log = quiet(lambda level, text, _: sys.stderr.write(text.decode()) if level == 4 else None)
        lib.llama_log_set(self.log, None)
        lib.llama_backend_init()

    def run(self, path, tokens, vocabulary):
        """Logits [T, V], token by token through the key-value cache, and the ids of TEXT."""
        model = self.lib.llama_model_load_from_file(str(path).encode(), self.lib.llama_model_default_params())
        if not model:
            raise RuntimeError(f"llama.cpp does not load {path}")
        params = self.lib.llama_context_default_params()
        self.exact(params)
        context = self.lib.llama_init_from_model(model, params)
        self.lib.llama_set_n_threads(context, 1, 1)
        rows = []
        for token in tokens:
            one = (ctypes.c_int32 * 1)(token)
            if self.lib.llama_decode(context, self.lib.llama_batch_get_one(one, 1)) != 0:
                raise RuntimeError(f"llama.cpp does not run {path}")
            rows.append(numpy.ctypeslib.as_array(self.lib.llama_get_logits_ith(context, -1), (vocabulary,)).copy())
        buffer = (ctypes.c_int32 * 4096)()
        text = TEXT.encode()
        count = self.lib.llama_tokenize(self.lib.llama_model_get_vocab(model), text, len(text), buffer, 4096, True, False)
        self.lib.llama_free(context)
        self.lib.llama_model_free(model)
        return numpy.stack(rows), list(buffer[:count])

    @staticmethod
    def exact(params):
        """No flash attention, keys and values in F32. The settings are found by their defaults, which differ from version to
        version only in where they stand: four enums in a row that are -1, the last of them flash attention, and two types
        that are F16."""
        numbers = ctypes.cast(ctypes.pointer(params), ctypes.POINTER(ctypes.c_int32))
        enums = next(i for i in range(4, 20) if [numbers[i + k] for k in range(4)] == [-1] * 4)
        numbers[enums + 3] = 0
        types = next(i for i in range(enums + 8, 40) if [numbers[i - 1], numbers[i], numbers[i + 1]] == [0, 1, 1])
        numbers[types] = numbers[types + 1] = GGML_TYPE_F32


def main(library, folder, logits):
    golden = load_file(logits)
    expected = golden["logits"].numpy()
    tokens = golden["tokens"][0].tolist()
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(TEXT).ids
    llama = Llama(library)
    failed = False
    for path in sorted(folder.glob("*.gguf")):
        found, own_ids = llama.run(path, tokens, expected.shape[1])
        difference = numpy.abs(found - expected).max()
        agreement = (found.argmax(1) == expected.argmax(1)).mean()
        error = numpy.sqrt(((found - expected) ** 2).mean()) / numpy.sqrt(expected.var(axis=1).mean())
        exact = path.name == "model.gguf" or path.name == "model-f32.gguf"
        good = (difference <= 1e-4 if exact else error <= 0.1) and own_ids == ids
        failed |= not good
        print(f"{'ok' if good else 'BAD':4}{path.name:18}max |difference| {difference:.1e}  relative error {error:.0e}  "
              f"same first choice {agreement:.0%}  tokens as tokenizer.json: {own_ids == ids}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*(pathlib.Path(a).resolve() for a in sys.argv[1:])))
