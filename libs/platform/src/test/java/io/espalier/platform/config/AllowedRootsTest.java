package io.espalier.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No way leads out of the roots: not by dots, prefixes, schemes, encodings or links. */
class AllowedRootsTest {
    private static final AllowedRoots ROOTS = new AllowedRoots(List.of("/models", "s3://bucket/models/"));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"/models", "/models/llama", "/models/a/../llama", "file:///models/llama",
        "s3://bucket/models", "s3://bucket/models/llama?region=eu"})
    void whatIsBelowIsAdmitted(String location) {
        assertThat(ROOTS.refusal(location)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/model", "/models2/llama", "/models/../etc/passwd", "models/llama", "",
        "file:///etc/passwd", "file:///models/../etc/passwd", "file:///models/%2e%2e/etc/passwd",
        "file://host/models/llama", "s3://other/models/llama", "s3://bucket/models2", "s3://bucket/models/../secret",
        "s3://bucket/models/%2e%2e/secret", "s3://user@bucket/models/x", "http://bucket/models/llama",
        "jar:file:/models/x.jar!/y", "S3://bucket/secret", "/models/\0"})
    void everythingElseIsRefused(String location) {
        assertThat(ROOTS.refusal(location)).as(location).isPresent();
    }

    @Test
    void everyPlaceOfARequestIsLookedAt() {
        ObjectNode request = new ObjectMapper().createObjectNode().put("model", "/models/llama");
        request.putObject("calibration").put("text", "/etc/passwd");
        request.putObject("output").put("location", "/models/../out");
        assertThatThrownBy(() -> ROOTS.require(request)).isInstanceOfSatisfying(InvalidRequestException.class,
                refused -> assertThat(refused.problems()).extracting(RequestProblem::pointer)
                        .containsExactlyInAnyOrder("/calibration/text", "/output/location"));
        assertThatCode(() -> AllowedRoots.everywhere().require(request)).doesNotThrowAnyException();
    }

    @Test
    void linksAreFollowed() throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        Path secret = Files.createDirectories(folder.resolve("secret"));
        Files.writeString(secret.resolve("key"), "k");
        Path good = Files.createDirectories(models.resolve("good"));
        Files.writeString(good.resolve("config.json"), "{}");
        Files.createSymbolicLink(good.resolve("tokenizer.json"), good.resolve("config.json"));
        Path wholly = Files.createSymbolicLink(models.resolve("wholly"), secret);
        Path partly = Files.createDirectories(models.resolve("partly"));
        Files.createSymbolicLink(partly.resolve("tokenizer.json"), secret.resolve("key"));
        AllowedRoots roots = new AllowedRoots(List.of(models.toString()));
        assertThat(roots.realRefusal(good.toString())).isEmpty();
        assertThat(roots.realRefusal(good.resolve("not/yet/there").toString())).isEmpty();
        assertThat(roots.realRefusal(wholly.toString())).hasValueSatisfying(text -> assertThat(text)
                .contains("leads to").contains(secret.toString()));
        assertThat(roots.realRefusal(wholly.resolve("new").toString())).isPresent();
        assertThat(roots.realRefusal(partly.toString())).isPresent();
    }

    @Test
    void aRootMayItselfBeALink() throws IOException {
        Path real = Files.createDirectories(folder.resolve("real/llama"));
        Path root = Files.createSymbolicLink(folder.resolve("root"), real.getParent());
        assertThat(new AllowedRoots(List.of(root.toString())).realRefusal(root.resolve("llama").toString())).isEmpty();
    }

    @Test
    void withoutRootsEverythingIsAdmitted() throws IOException {
        assertThat(AllowedRoots.everywhere().refusal("/etc/passwd")).isEmpty();
        assertThat(AllowedRoots.everywhere().realRefusal("s3://any/thing")).isEmpty();
    }

    @Test
    void rootsAreAbsolute() {
        assertThat(AllowedRoots.from(Settings.fromEnv(Map.of("ESPALIER_ROOTS", "/a, s3://b/c"))).roots())
                .containsExactly("/a", "s3://b/c");
        assertThatThrownBy(() -> AllowedRoots.from(Settings.fromEnv(Map.of("ESPALIER_ROOTS", "models"))))
                .isInstanceOf(SettingException.class).hasMessageContaining("'models'");
    }
}
