#!/usr/bin/env bash
# usage: deploy/interop/run.sh [LLAMA_CPP_LIB_FOLDER]
# Prunes the example model in every format (equal widths, different widths) and a random GQA model, and gives each result to
# transformers, gguf-py and, where its libraries are given, llama.cpp. Needs JAVA_HOME (25), python3 with
# `pip install torch transformers safetensors gguf tokenizers numpy`; PYTHON names another interpreter.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/deploy/interop
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
calibration=$top/examples/data/tinystories-calibration.jsonl
tokens="1 403 407 261 378 299 17 500 40 41 42 43 44 45 46 47"
all="hf, hf-per-layer, hf-nemotron-nas, padded, gguf, gguf-f16, gguf-bf16, gguf-q8_0"

request() { # NAME MODEL METHOD SHAPE
  cat > "$work/$1.yaml" <<YAML
name: $1
model: $2
method: $3
target: { parameters: 0.7 }
shape: $4
calibration: { text: $calibration, samples: 4, length: 64 }
output: { location: $work/$1, formats: [$all] }
YAML
}

mkdir "$work/gqa"
cp "$top"/examples/models/stories/*token* "$work/gqa/"
cat > "$work/gqa/config.json" <<JSON
{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 96, "head_dim": 16, "num_hidden_layers": 4,
 "num_attention_heads": 6, "num_key_value_heads": 3, "intermediate_size": 272, "vocab_size": 512, "hidden_act": "silu",
 "rms_norm_eps": 1e-5, "max_position_embeddings": 256, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": false,
 "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0,
 "high_freq_factor": 4.0, "original_max_position_embeddings": 64}, "torch_dtype": "float32"}
JSON
"$top/tools/random-model" "$work/gqa" "$work/gqa-random" 3

request stories-uniform "$top/examples/models/stories" "{ name: llm-pruner, criterion: param_first }" "{ uniform: true }"
request stories-mixed "$top/examples/models/stories" "{ name: magnitude, ranking: global }" "{ uniform: false }"
request gqa-uniform "$work/gqa-random" "{ name: magnitude }" "{ uniform: true }"
request gqa-mixed "$work/gqa-random" "{ name: random, ranking: global }" "{ uniform: false }"

failed=0
for name in stories-uniform stories-mixed gqa-uniform gqa-mixed; do
  echo "== $name"
  "$top/espalier" prune "$work/$name.yaml" --quiet -o json > "$work/$name.json"
  model=$work/$name/model
  "$python" - "$work/$name.json" <<'PY'
import json, sys
for e in json.load(open(sys.argv[1]))["exports"]:
    c = e["loadCheck"]
    print(f"espalier read back {e['format']:16} max |difference| {c['maxAbsLogitDifference']:.1e}  same first choice {c['top1Agreement']:.0%}")
PY
  "$top/tools/logits" "$model" "$work/$name.safetensors" $tokens
  "$python" "$here/hf_logits.py" "$model" "$work/$name.safetensors" || failed=1
  "$python" "$here/gguf_reader.py" "$model" || failed=1
  [ $# -eq 0 ] || "$python" "$here/llama_cpp.py" "$1" "$model" "$work/$name.safetensors" || failed=1
  (cd "$model" && sha256sum --quiet -c SHA256SUMS) || failed=1
done
exit $failed
