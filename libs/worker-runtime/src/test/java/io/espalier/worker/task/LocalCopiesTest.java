package io.espalier.worker.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.artifacts.FolderDigest;
import io.espalier.artifacts.LoopbackS3;
import io.espalier.artifacts.S3Copies;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands on S3 in work, as the handlers see it. */
class LocalCopiesTest {
    private static final String MODEL = "s3://b/models/tiny";
    private static final Map<String, String> PROPERTIES = Map.of("aws.accessKeyId", "test", "aws.secretAccessKey",
            "test");
    private static LoopbackS3 s3;

    @TempDir
    private Path folder;
    private S3Copies copies;
    private LocalCopies here;

    @BeforeAll
    static void start() throws Exception {
        s3 = new LoopbackS3();
        PROPERTIES.forEach(System::setProperty);
        System.setProperty("aws.endpointUrlS3", s3.endpoint().toString());
        s3.store("texts/wiki.raw", "A text.".getBytes(UTF_8));
        s3.store("tasks/valid.jsonl", "{}".getBytes(UTF_8));
        s3.store("tasks/valid-labels.lst", "1".getBytes(UTF_8));
    }

    @AfterAll
    static void stop() {
        PROPERTIES.keySet().forEach(System::clearProperty);
        System.clearProperty("aws.endpointUrlS3");
        s3.close();
    }

    @BeforeEach
    void open() {
        s3.store("models/tiny/config.json", "{}".getBytes(UTF_8));
        copies = S3Copies.open(folder, Long.MAX_VALUE);
        here = new LocalCopies(copies, (received, all) -> {});
    }

    @AfterEach
    void close() throws Exception {
        here.close();
        copies.close();
    }

    @Test
    void modelsAndTextsBecomePaths() throws Exception {
        var work = (Work.Perplexity) here.of(perplexity(null));
        Path model = Path.of(((ModelSource.Folder) work.model()).location());
        assertThat(model.resolve("config.json")).hasContent("{}");
        assertThat(Path.of(work.protocol().text())).hasFileName("wiki.raw").hasContent("A text.");
    }

    @Test
    void workOnThisMachineStaysAsItIs() throws Exception {
        Work work = new Work.Perplexity(new ModelSource.Folder("/models/tiny", null),
                new Evaluation.Perplexity("p", "/text", 8, null));
        assertThat(here.of(work)).isSameAs(work);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aModelThatChangedSinceTheJobBeganIsRefused() throws Exception {
        String digest = FolderDigest.of(Path.of(here.model(MODEL)));
        assertThat(here.of(perplexity(digest))).isInstanceOf(Work.Perplexity.class);
        s3.store("models/tiny/config.json", "{ }".getBytes(UTF_8));
        assertThatThrownBy(() -> here.of(perplexity(digest))).isInstanceOf(PermanentFailureException.class)
                .hasMessage("model: " + MODEL + " is not what it was when this job began; submit the job again");
    }

    @Test
    void whatCannotBeReadNamesItsKey() {
        Work work = new Work.Perplexity(new ModelSource.Folder(MODEL, null),
                new Evaluation.Perplexity("p", "s3://nowhere/text", 8, null));
        assertThatThrownBy(() -> here.of(work)).isInstanceOf(PermanentFailureException.class)
                .hasMessageStartingWith("text: s3://nowhere/text: there is no bucket");
    }

    @Test
    void aRequestIsReadTheSameWay() throws Exception {
        PruningRequest request = here.of(new RequestReader().read(RequestReader.parse("""
                model: %s
                method: { name: magnitude }
                target: { parameters: 0.8 }
                evaluation: { tasks: [ { name: piqa, data: s3://b/tasks/valid.jsonl } ] }
                output: { location: s3://b/out }
                """.formatted(MODEL)).root()));
        assertThat(Path.of(request.model()).resolve("config.json")).exists();
        Path data = Path.of(request.evaluation().tasks().getFirst().data());
        assertThat(data.resolveSibling("valid-labels.lst")).as("PIQA's labels come along").hasContent("1");
        assertThat(request.output().location()).as("no input").isEqualTo("s3://b/out");
    }

    /** Users read in a report what they wrote in the request. */
    @Test
    void aReportKeepsThePlacesThatItNames() throws Exception {
        var report = JsonNodeFactory.instance.objectNode();
        report.putObject("request").put("method", "magnitude").put("model", MODEL).put("text", "s3://b/texts/wiki.raw");
        var source = new ModelSource.Folder(MODEL, null);
        var work = new Work.Export(source, source, null, null, "/out", List.of("hf"), report, Map.of());
        assertThat(((Work.Export) here.of(work)).report()).isEqualTo(report);
    }

    private static Work perplexity(String digest) {
        return new Work.Perplexity(new ModelSource.Folder(MODEL, digest),
                new Evaluation.Perplexity("p", "s3://b/texts/wiki.raw", 8, null));
    }
}
