"""Writes the golden files: all of them, or those of the scripts named on the command line."""

import importlib
import sys

for name in sys.argv[1:] or ["models", "bfloat16", "importance", "channel_wise", "methods", "lora", "perplexity", "zero_shot", "sentencepieces"]:
    importlib.import_module(name).main()
