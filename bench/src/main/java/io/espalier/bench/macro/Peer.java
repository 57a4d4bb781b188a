package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.python.Python;
import io.espalier.bench.result.Result;
import io.espalier.protocol.topic.Json;
import java.nio.file.Path;
import java.util.Optional;

/** A Python script that does a benchmark's work: same weights, same tokens, same threads, fp32. */
record Peer(String script) {
    private static final String MISSING = "Python peers were left out: no Python that imports torch "
            + "(--python PATH or ESPALIER_PYTHON)";

    /**
     * What the script found; empty where there is no Python, which the result then says.
     *
     * @param tokens [sequences][length]
     * @param more   further arguments
     */
    Optional<JsonNode> run(Bench bench, Path model, int[][] tokens, int repeats, ObjectNode more,
            Result.Builder result) throws Exception {
        Optional<Python> python = bench.python();
        if (python.isEmpty()) {
            result.note(MISSING);
            return Optional.empty();
        }
        bench.say("Python: " + script);
        Path file = bench.folder().resolve(script + ".tokens.json");
        Json.events().writeValue(file.toFile(), tokens);
        int threads = bench.options().threadsOrAll();
        ObjectNode arguments = JsonNodeFactory.instance.objectNode().put("model", model.toString())
                .put("tokens", file.toString()).put("threads", threads).put("repeats", repeats);
        arguments.setAll(more);
        return Optional.of(python.get().run(script, arguments, threads));
    }
}
