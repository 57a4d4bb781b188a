package io.espalier.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever comes in, a valid request or an {@link InvalidRequestException} comes out; seeded, so it can be repeated. */
class RequestFuzzTest {
    private static final RequestReader READER = new RequestReader();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String YAML = """
            name: fuzz
            model: &m models/llama
            method: {name: llm-pruner, criterion: param_first, reduction: sum, iterativeSteps: 2}
            target:
              parameters: 0.8
            layers: { attention: 4..29, mlp: 4..29 }
            shape: { uniform: false, channelMultiple: 8 }
            calibration: { text: file, samples: 10, length: 64, seed: 42 }
            recovery:
              lora: { data: file, rank: 8, learningRate: 1e-4, batch: 64, steps: null }
            evaluation:
              perplexity: [ { name: wikitext2, text: file, length: 128, segments: null } ]
              tasks: [ { name: boolq, data: file, limit: 3 } ]
            output: { location: *m, formats: [hf, gguf] }
            sweep: [ {target: {count: 5.4B}}, {target: {bytes: 12GB}, method: {name: nirvana}} ]
            """;
    private static final List<JsonNode> JUNK = List.of(JSON.nullNode(), JSON.booleanNode(true), JSON.numberNode(-1),
            JSON.numberNode(0), JSON.numberNode(Long.MAX_VALUE), JSON.numberNode(1e300),
            JSON.numberNode(Double.POSITIVE_INFINITY), JSON.numberNode(Double.NaN), JSON.numberNode(2.0),
            JSON.numberNode(new java.math.BigInteger("9".repeat(400))),
            JSON.numberNode(new java.math.BigDecimal("1e99999")), JSON.textNode(""), JSON.textNode("9..4"),
            JSON.textNode("999999..999999"), JSON.textNode("5.4B"), JSON.textNode("999999999999999T"),
            JSON.textNode("~0/~1\u0000\uD800"), JSON.objectNode(), JSON.arrayNode(), JSON.arrayNode().add(1),
            JSON.objectNode().put("name", "magnitude"));
    private static final List<String> KEYS = List.of("name", "target", "sweep", "lora", "", "~/", "criterion", "steps",
            "$ref", "model", "text");

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mutatedTreesAreValidOrRefused() {
        Random random = new Random(1);
        ObjectNode seed = RequestReader.parse(YAML).root();
        int valid = 0;
        for (int i = 0; i < 5_000; i++) {
            ObjectNode tree = seed.deepCopy();
            for (int n = random.nextInt(4); n >= 0; n--) {
                mutate(tree, random);
            }
            valid += valid(() -> READER.expand(tree), tree.toString()) ? 1 : 0;
        }
        assertThat(valid).isBetween(50, 4_950);
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mutatedTextsAreValidOrRefused() throws Exception {
        Random random = new Random(2);
        String json = new JsonMapper().writeValueAsString(RequestReader.parse(YAML).root());
        int valid = 0;
        for (int i = 0; i < 5_000; i++) {
            String text = mutate(random.nextBoolean() ? YAML : json, random);
            valid += valid(() -> READER.expand(RequestReader.parse(text)), text) ? 1 : 0;
        }
        assertThat(valid).isBetween(50, 4_950);
    }

    private static boolean valid(Supplier<List<ObjectNode>> reading, String input) {
        List<ObjectNode> requests;
        try {
            requests = reading.get();
        } catch (InvalidRequestException refused) {
            assertThat(refused.problems()).isNotEmpty();
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError("neither valid nor refused: " + input, e);
        }
        for (ObjectNode request : requests) {
            PruningRequest bound = READER.read(request);
            assertThat(READER.read(READER.json(bound))).isEqualTo(bound);
        }
        return true;
    }

    private static void mutate(ObjectNode tree, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        switch (containers.get(random.nextInt(containers.size()))) {
            case ObjectNode object -> mutateObject(object, random);
            case ArrayNode array when !array.isEmpty() -> array.set(random.nextInt(array.size()), junk(random));
            default -> tree.set("method", junk(random));
        }
    }

    private static void mutateObject(ObjectNode object, Random random) {
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        String key = keys.isEmpty() ? "name" : keys.get(random.nextInt(keys.size()));
        switch (random.nextInt(4)) {
            case 0 -> object.remove(key);
            case 1 -> object.set(KEYS.get(random.nextInt(KEYS.size())), junk(random));
            case 2 -> object.set(key + (char) random.nextInt(0x300), junk(random));
            default -> object.set(key, junk(random));
        }
    }

    private static JsonNode junk(Random random) {
        return JUNK.get(random.nextInt(JUNK.size())).deepCopy();
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static String mutate(String text, Random random) {
        StringBuilder mutant = new StringBuilder(text);
        for (int n = random.nextInt(3); n >= 0; n--) {
            int at = random.nextInt(mutant.length());
            int end = Math.min(mutant.length(), at + 1 + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> mutant.delete(at, end);
                case 1 -> mutant.insert(at, mutant.substring(at, end));
                case 2 -> mutant.insert(at, "{}[],:&*!|>'\"%@`#-?\t\n\u0000\uFEFF\uD83D<".charAt(random.nextInt(25)));
                default -> mutant.setCharAt(at, (char) random.nextInt(128));
            }
        }
        return mutant.toString();
    }
}
