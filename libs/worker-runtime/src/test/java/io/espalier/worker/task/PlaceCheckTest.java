package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.platform.config.AllowedRoots;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work that names another place is refused on the worker, whoever published it. */
class PlaceCheckTest {
    @TempDir
    Path folder;

    @Test
    void modelsTextsAndResultsStayBelowTheRoots() throws Exception {
        Path models = Files.createDirectories(folder.resolve("models"));
        Path text = Files.createDirectories(folder.resolve("models/data")).resolve("text");
        Path model = Files.createDirectories(models.resolve("llama"));
        Path link = Files.createSymbolicLink(models.resolve("link"), Files.createDirectories(folder.resolve("secret")));
        PlaceCheck check = new PlaceCheck(new AllowedRoots(List.of(models.toString())));
        assertThatCode(() -> check.verify(work(model, text))).doesNotThrowAnyException();
        assertThatThrownBy(() -> check.verify(work(Path.of("/etc"), text)))
                .isInstanceOf(PermanentFailureException.class).hasMessageContaining("location: /etc");
        assertThatThrownBy(() -> check.verify(work(model, Path.of("/etc/passwd"))))
                .isInstanceOf(PermanentFailureException.class).hasMessageContaining("text: /etc/passwd");
        assertThatThrownBy(() -> check.verify(work(link, text)))
                .isInstanceOf(PermanentFailureException.class).hasMessageContaining("leads to");
    }

    @Test
    void withoutRootsNothingIsRefused() {
        PlaceCheck check = new PlaceCheck(AllowedRoots.everywhere());
        assertThatCode(() -> check.verify(work(Path.of("/etc"), Path.of("/etc/passwd")))).doesNotThrowAnyException();
    }

    private static Work work(Path model, Path text) {
        return new Work.Perplexity(new ModelSource.Folder(model.toString(), null),
                new Evaluation.Perplexity("p", text.toString(), 128, null));
    }
}
