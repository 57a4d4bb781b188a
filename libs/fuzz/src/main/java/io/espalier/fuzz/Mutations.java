package io.espalier.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Makes broken input of good input. The same seed makes the same sequence of mutants. How many there are in a test says the
 * system property {@value #COUNT}.
 */
public final class Mutations {
    /** How many mutants a test looks at, where it is set: {@code -Despalier.fuzz=10000}. */
    public static final String COUNT = "espalier.fuzz";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String MARKS = "{}[],:&*!|>'\"%@`#-?\t\n\u0000\uFEFF\uD83D<";
    private static final List<JsonNode> JUNK = List.of(JSON.nullNode(), JSON.booleanNode(true), JSON.numberNode(-1),
            JSON.numberNode(0), JSON.numberNode(Long.MAX_VALUE), JSON.numberNode(1e300),
            JSON.numberNode(Double.POSITIVE_INFINITY), JSON.numberNode(Double.NaN), JSON.numberNode(2.0),
            JSON.numberNode(new BigInteger("9".repeat(400))), JSON.numberNode(new BigDecimal("1e99999")),
            JSON.numberNode(1 << 20), JSON.numberNode(Integer.MAX_VALUE), JSON.textNode(""), JSON.textNode("9..4"),
            JSON.textNode("999999..999999"), JSON.textNode("5.4B"), JSON.textNode("999999999999999T"),
            JSON.textNode("~0/~1\u0000\uD800"), JSON.textNode("/"), JSON.textNode("../.."), JSON.objectNode(),
            JSON.arrayNode(), JSON.arrayNode().add(1), JSON.objectNode().put("name", "magnitude"));

    private final Random random;
    private final List<String> keys;

    /** @param keys that may come up where they do not belong */
    public Mutations(long seed, List<String> keys) {
        this.random = new Random(seed);
        this.keys = List.copyOf(keys);
    }

    /** How many mutants a test shall look at. */
    public static int count(int otherwise) {
        return Integer.getInteger(COUNT, otherwise);
    }

    /** For choices between kinds of mutants. */
    public int choice(int bound) {
        return random.nextInt(bound);
    }

    /** A copy in which one to four places are others. */
    public ObjectNode tree(ObjectNode seed) {
        ObjectNode tree = seed.deepCopy();
        for (int n = random.nextInt(4); n >= 0; n--) {
            mutate(tree);
        }
        return tree;
    }

    /** One to three places are deleted, doubled or replaced. */
    public String text(String seed) {
        StringBuilder mutant = new StringBuilder(seed);
        for (int n = random.nextInt(3); n >= 0 && !mutant.isEmpty(); n--) {
            int at = random.nextInt(mutant.length());
            int end = Math.min(mutant.length(), at + 1 + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> mutant.delete(at, end);
                case 1 -> mutant.insert(at, mutant.substring(at, end));
                case 2 -> mutant.insert(at, MARKS.charAt(random.nextInt(MARKS.length())));
                default -> mutant.setCharAt(at, (char) random.nextInt(128));
            }
        }
        return mutant.toString();
    }

    /** Cut off, or one to four bytes are others, each within the first {@code within}. */
    public byte[] bytes(byte[] seed, int within) {
        if (random.nextInt(8) == 0) {
            return Arrays.copyOf(seed, random.nextInt(seed.length));
        }
        byte[] mutant = seed.clone();
        for (int n = random.nextInt(4); n >= 0; n--) {
            int at = random.nextInt(Math.min(within, mutant.length));
            mutant[at] = switch (random.nextInt(4)) {
                case 0 -> 0;
                case 1 -> (byte) 0xff;
                case 2 -> (byte) (mutant[at] ^ 1 << random.nextInt(8));
                default -> (byte) random.nextInt(256);
            };
        }
        return mutant;
    }

    /** Up to {@code most} bytes of no meaning. */
    public byte[] noise(int most) {
        byte[] noise = new byte[random.nextInt(most)];
        random.nextBytes(noise);
        return noise;
    }

    private void mutate(ObjectNode tree) {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        switch (containers.get(random.nextInt(containers.size()))) {
            case ObjectNode object -> mutateObject(object);
            case ArrayNode array when !array.isEmpty() -> array.set(random.nextInt(array.size()), junk());
            default -> tree.set(key(), junk());
        }
    }

    private void mutateObject(ObjectNode object) {
        List<String> own = new ArrayList<>();
        object.fieldNames().forEachRemaining(own::add);
        String key = own.isEmpty() ? key() : own.get(random.nextInt(own.size()));
        switch (random.nextInt(4)) {
            case 0 -> object.remove(key);
            case 1 -> object.set(key(), junk());
            case 2 -> object.set(key + (char) random.nextInt(0x300), junk());
            default -> object.set(key, junk());
        }
    }

    private String key() {
        return keys.get(random.nextInt(keys.size()));
    }

    private JsonNode junk() {
        return JUNK.get(random.nextInt(JUNK.size())).deepCopy();
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }
}
