package io.espalier.cli.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestPathsTest {
    private static final String REQUEST = """
            model: m
            method: {name: llm-pruner}
            target: {parameters: 0.8}
            calibration: {text: ../c.txt}
            recovery: {lora: {data: file:///d.json}}
            evaluation:
              perplexity: [{name: a, text: s3://bucket/a.txt}, {name: b, text: b.txt}]
              tasks: [{name: boolq, data: /abs/boolq}]
            """;

    @TempDir
    Path folder;

    @Test
    void makesRelativePathsAbsoluteAndLeavesUris() throws Exception {
        ObjectNode request = read(REQUEST, Path.of("/home/me/project"));

        assertThat(request.at("/model").textValue()).isEqualTo("/home/me/project/m");
        assertThat(request.at("/calibration/text").textValue()).isEqualTo("/home/me/c.txt");
        assertThat(request.at("/recovery/lora/data").textValue()).isEqualTo("file:///d.json");
        assertThat(request.at("/evaluation/perplexity/0/text").textValue()).isEqualTo("s3://bucket/a.txt");
        assertThat(request.at("/evaluation/perplexity/1/text").textValue()).isEqualTo("/home/me/project/b.txt");
        assertThat(request.at("/evaluation/tasks/0/data").textValue()).isEqualTo("/abs/boolq");
        assertThat(request.at("/output/location").textValue()).isEqualTo("/home/me/project/out");
    }

    @Test
    void namesEveryMissingInput() throws Exception {
        Files.createDirectory(folder.resolve("m"));
        ObjectNode request = read(REQUEST, folder);

        assertThatThrownBy(() -> RequestPaths.requireInputs(request)).isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("/model: " + folder.resolve("m") + " is not a Hugging Face checkpoint folder")
                .hasMessageContaining("/recovery/lora/data: there is no /d.json")
                .hasMessageContaining("/evaluation/perplexity/1/text")
                .hasMessageNotContaining("/evaluation/perplexity/0/text");
    }

    @Test
    void acceptsInputsThatAreThere() throws Exception {
        Files.createDirectory(folder.resolve("m"));
        Files.writeString(folder.resolve("m/config.json"), "{}");
        ObjectNode request = read("{model: m, method: {name: random}, target: {groups: 0.5}}", folder);

        RequestPaths.requireInputs(request);
        assertThat(OutputFolder.of(request)).contains(folder.resolve("out"));
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatThrownBy(
                () -> RequestFile.read(folder.resolve("none.yaml").toString(), InputStream.nullInputStream()))
                .isInstanceOf(UsageException.class).hasMessageContaining("no such file");
    }

    private static ObjectNode read(String text, Path folder) throws UsageException {
        InputStream in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        return RequestFile.read("-", in).requests(new RequestReader(), folder).getFirst();
    }
}
