package io.espalier.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The chart of this repository, rendered by Helm itself (its library, in this JVM). */
final class Chart {
    static final Path FOLDER = Path.of("kubernetes", "espalier").toAbsolutePath();
    static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Chart() {}

    static Helm helm() {
        return new Helm(FOLDER);
    }

    static String text(Path values) {
        TemplateCommand template = helm().template().withName("espalier").withNamespace("pruning");
        return template.withValuesFile(values).call();
    }

    /** The Kubernetes objects of a rendered chart, in its order. */
    static List<JsonNode> objects(String rendered) {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(rendered)) {
            return documents.readAll().stream().filter(JsonNode::isObject).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
