package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * YAML text as a JSON tree with the line of every value. Plain scalars follow the YAML 1.2 core schema, so that
 * {@code no} stays a text; anchors work, but within a budget of nodes and of depth.
 */
final class YamlText {
    private static final int MAX_NODES = 20_000;
    private static final int MAX_DEPTH = 50;
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final String text;
    private final Map<String, Integer> lines = new HashMap<>();
    private int nodes;

    YamlText(String text) {
        this.text = text;
    }

    RequestDocument document() {
        Node root = compose();
        if (!(root instanceof MappingNode)) {
            throw RequestText.problem("must hold keys such as model, method and target", 1);
        }
        return new RequestDocument(RequestText.object(convert(root, "", 0)), lines);
    }

    private Node compose() {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(50);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setCodePointLimit(RequestText.MAX_CHARACTERS);
        try {
            return new Yaml(options).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw RequestText.problem("is not valid YAML: " + e.getProblem(), line);
        } catch (YAMLException e) {
            throw RequestText.problem("is not valid YAML: " + e.getMessage(), 0);
        }
    }

    private JsonNode convert(Node node, String pointer, int depth) {
        if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
            throw RequestText.problem("is too large: anchors make it more than " + MAX_NODES + " values or deeper than "
                    + MAX_DEPTH, line(node));
        }
        lines.put(pointer, line(node));
        return switch (node) {
            case MappingNode mapping -> object(mapping, pointer, depth);
            case SequenceNode sequence -> array(sequence, pointer, depth);
            case ScalarNode scalar -> scalar(scalar);
            default -> throw RequestText.problem("holds something that is neither value, list nor object", line(node));
        };
    }

    private ObjectNode object(MappingNode mapping, String pointer, int depth) {
        ObjectNode object = JSON.objectNode();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode keyNode)) {
                throw RequestText.problem("has a key that is not a word", line(entry.getKeyNode()));
            }
            String key = keyNode.getValue();
            String at = pointer + "/" + Pointers.escape(key);
            if (object.has(key)) {
                throw new InvalidRequestException(
                        new RequestProblem(at, "stands here for the second time", line(keyNode)));
            }
            object.set(key, convert(entry.getValueNode(), at, depth + 1));
            lines.put(at, line(keyNode));
        }
        return object;
    }

    private ArrayNode array(SequenceNode sequence, String pointer, int depth) {
        ArrayNode array = JSON.arrayNode();
        for (Node item : sequence.getValue()) {
            array.add(convert(item, pointer + "/" + array.size(), depth + 1));
        }
        return array;
    }

    private static JsonNode scalar(ScalarNode scalar) {
        String value = scalar.getValue();
        if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
            return JSON.textNode(value);
        }
        return switch (value) {
            case "", "~", "null", "Null", "NULL" -> JSON.nullNode();
            case "true", "True", "TRUE" -> JSON.booleanNode(true);
            case "false", "False", "FALSE" -> JSON.booleanNode(false);
            default -> number(value);
        };
    }

    private static JsonNode number(String value) {
        if (INTEGER.matcher(value).matches()) {
            long number = Long.parseLong(value);
            return number == (int) number ? JSON.numberNode((int) number) : JSON.numberNode(number);
        }
        return NUMBER.matcher(value).matches() ? JSON.numberNode(Double.parseDouble(value)) : JSON.textNode(value);
    }

    private static int line(Node node) {
        return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
    }
}
