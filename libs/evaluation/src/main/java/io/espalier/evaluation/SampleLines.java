package io.espalier.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.evaluation.ZeroShot.Sample;
import io.espalier.evaluation.task.Answer;
import io.espalier.evaluation.task.Request;
import io.espalier.evaluation.task.ZeroShotTask;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Samples as JSON lines, in the layout of lm-evaluation-harness's {@code samples_<task>_<time>.jsonl}: numbers and
 * booleans of {@code resps} are texts there. {@code doc} is the row of the original file, so {@code doc_hash} differs from
 * that of the hub's edition; {@code prompt_hash} and {@code target_hash} are the harness's own.
 */
public final class SampleLines {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private SampleLines() {}

    public static void write(ZeroShot result, Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int i = 0; i < result.samples().size(); i++) {
                writer.write(JSON.writeValueAsString(line(i, result.score().task(), result.samples().get(i))));
                writer.write('\n');
            }
        }
    }

    /** One line a page: its log-likelihood with the words and bytes by which it is divided. */
    public static void write(WordPerplexity result, Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int i = 0; i < result.pages().size(); i++) {
                writer.write(JSON.writeValueAsString(line(i, result.pages().get(i))));
                writer.write('\n');
            }
        }
    }

    static ObjectNode line(int index, WordPerplexity.Page page) throws IOException {
        String target = page.text().page();
        ObjectNode line = NODES.objectNode().put("doc_id", index);
        ObjectNode row = line.putObject("doc").put("page", target);
        line.put("target", target);
        line.putObject("arguments").putObject("gen_args_0").put("arg_0", page.text().text());
        line.putArray("resps").addArray().add(Double.toString(-page.nll()));
        line.putArray("filtered_resps").add(Double.toString(-page.nll()));
        line.put("filter", "none").putArray("metrics").add("word_perplexity").add("byte_perplexity").add(
                "bits_per_byte");
        line.put("doc_hash", sha256(JSON.writeValueAsString(row))).put("prompt_hash", sha256(page.text().text())).put(
                "target_hash", sha256(target));
        line.putArray("word_perplexity").add(-page.nll()).add(page.text().words());
        line.putArray("byte_perplexity").add(-page.nll()).add(page.text().bytes());
        line.putArray("bits_per_byte").add(-page.nll()).add(page.text().bytes());
        return line;
    }

    static ObjectNode line(int index, ZeroShotTask task, Sample sample) throws IOException {
        List<Request> requests = sample.question().requests();
        int gold = sample.question().gold();
        String target = task == ZeroShotTask.WINOGRANDE
                ? requests.getFirst().continuation().strip()
                : Integer
                        .toString(gold);
        ObjectNode line = NODES.objectNode().put("doc_id", index);
        line.set("doc", sample.question().row());
        line.put("target", target);
        ObjectNode arguments = line.putObject("arguments");
        for (int i = 0; i < requests.size(); i++) {
            arguments.putObject("gen_args_" + i).put("arg_0", requests.get(i).context()).put("arg_1", requests.get(i)
                    .continuation());
        }
        ArrayNode replies = line.putArray("resps");
        ArrayNode filtered = line.putArray("filtered_resps");
        for (Answer answer : sample.answers()) {
            replies.addArray().add(texts(answer));
            filtered.add(texts(answer));
        }
        line.put("filter", "none");
        ArrayNode metrics = line.putArray("metrics").add("acc");
        line.put("doc_hash", sha256(JSON.writeValueAsString(sample.question().row()))).put("prompt_hash", sha256(
                requests.getFirst().context())).put("target_hash", sha256(target));
        line.put("acc", sample.choice().plain() == gold ? 1.0 : 0.0);
        if (task.normalised()) {
            metrics.add("acc_norm");
            line.put("acc_norm", sample.choice().byCharacters() == gold ? 1.0 : 0.0);
        }
        return line;
    }

    private static ArrayNode texts(Answer answer) {
        return NODES.arrayNode().add(Double.toString(answer.logLikelihood())).add(answer.greedy() ? "True" : "False");
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
