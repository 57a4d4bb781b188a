package io.espalier.cli.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.MethodCatalogue.Method;
import io.espalier.protocol.request.RequestReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every request in {@code examples/} is valid, and all it names is there. */
class ExamplesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final RequestReader READER = new RequestReader();

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isValidAndComplete(Path file) throws Exception {
        List<ObjectNode> requests = RequestFile.read(file.toString(), InputStream.nullInputStream()).requests(READER,
                ROOT);

        assertThat(requests).isNotEmpty();
        requests.forEach(RequestPaths::requireInputs);
    }

    @Test
    void thereIsOneForEveryMethod() {
        assertThat(READER.methods().all()).extracting(Method::name)
                .allSatisfy(name -> assertThat(ROOT.resolve("examples/methods/" + name + ".yaml")).exists());
    }
}
