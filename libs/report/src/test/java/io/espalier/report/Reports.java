package io.espalier.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A small report as a job would leave it. */
public final class Reports {
    public static final ObjectMapper JSON = new ObjectMapper();

    private Reports() {}

    public static Report recovered() {
        return parse("""
                {"job": {"id": "j-1", "name": "stories <20>", "state": "SUCCEEDED"},
                 "request": {"model": "/models/stories", "method": {"name": "llm-pruner"}},
                 "models": {
                   "original": {"parameters": 1000, "bytes": 4000, "macs64": 64000,
                     "perplexity": {"tiny@128": 4.0},
                     "tasks": {"piqa": {"acc": 0.5, "acc_norm": 0.75, "acc_stderr": 0.1, "acc_norm_stderr": 0.2, "n": 4}},
                     "cost": {"prefillMillis": 2.0, "decodeMillisPerToken": 1.0, "peakMemoryBytes": 5000}},
                   "pruned": {"parameters": 800, "bytes": 3200, "macs64": 51200, "perplexity": {"tiny@128": 6.0},
                     "tasks": {"boolq": {"acc": 0.25, "acc_stderr": 0.1, "n": 4},
                       "wikitext": {"word_perplexity": 80.5, "byte_perplexity": 2.2, "bits_per_byte": 1.1375, "n": 62}},
                     "mean": {"acc": 0.25, "acc_norm": 0.5, "tasks": 2},
                     "fidelity": {"tiny@128": {"kl": 0.1234, "top1": 0.875, "tokens": 1024}}},
                   "recovered": {"parameters": 800, "bytes": 3200, "perplexity": {"tiny@128": 5.0}}},
                 "protocols": {"perplexity": {"tiny@128": {"length": 128, "textDigest": "0123456789abcdef", "bosRule": "ONCE"}},
                   "tasks": {"piqa": {"version": "1.0"}, "boolq": {"version": "2.0"}, "wikitext": {"version": "2.0"}}},
                 "plan": {"layers": [
                     {"layer": 0, "kvGroups": 2, "queryHeads": 4, "channels": 3, "keptKvGroups": [0, 3], "keptChannels": [0, 1, 4]},
                     {"layer": 1, "kvGroups": 1, "queryHeads": 2, "channels": 2, "keptKvGroups": [1], "keptChannels": [2, 3]}],
                   "predicted": {"parameters": 790, "bytes": 3160}, "achieved": {"parameters": 800, "share": 0.8, "bytes": 3200},
                   "original": {"kvGroups": [5, 5], "channels": [6, 6]},
                   "importance": {"mlp": {"log": true, "edges": [0.1, 1, 10, 100], "kept": [0, 4, 2], "removed": [3, 0, 0]}}},
                 "search": {"generations": [{"round": 1, "values": [1.0, 2.0, 3.0]}, {"round": 2, "values": [0.5, 2.5]}]},
                 "recovery": {"accepted": true, "validationBefore": 2.0, "validationAfter": 1.5,
                   "losses": [[1, 2.5, 2.0], [2, 2.2, null], [3, 2.0, 1.5]]},
                 "stages": [{"stage": "SCORE", "state": "SUCCEEDED", "tasks": 1, "attempts": 2, "queuedSeconds": 0.1,
                   "busySeconds": 3.0, "wallSeconds": 4.0, "fromCache": false, "tokensPerSecond": 640.0}],
                 "environment": {"device": "cpu", "threads": 2, "engine": "PyTorch", "versions": {"java": "25"}}}
                """);
    }

    public static Report parse(String json) {
        try {
            return JSON.readValue(json, Report.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
