package io.espalier.pruning.recovery.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {
    @TempDir
    private Path folder;

    @Test
    void readsAlpacaArraysInAlpacaLorasWords() throws Exception {
        assertThat(read("data.json", """
                [{"instruction": "Add.", "input": "1 2", "output": "3"}, {"instruction": "Hi?", "output": "Hi."}]
                """)).containsExactly(new Document.Instruction(
                "Below is an instruction that describes a task, paired with an input that provides further context."
                        + " Write a response that appropriately completes the request.\n\n"
                        + "### Instruction:\nAdd.\n\n### Input:\n1 2\n\n### Response:\n",
                "3"),
                new Document.Instruction("Below is an instruction that describes a task."
                        + " Write a response that appropriately completes the request.\n\n"
                        + "### Instruction:\nHi?\n\n### Response:\n", "Hi."));
    }

    @Test
    void leavesPercentSignsOfTheTextAlone() throws Exception {
        assertThat(read("data.json", "[{\"instruction\": \"100 %s\", \"input\": \"%d\", \"output\": \"\"}]"))
                .singleElement().asString().contains("100 %s", "%d");
    }

    @Test
    void readsJsonLines() throws Exception {
        assertThat(read("data.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n"))
                .containsExactly(new Document.Text("a", true, true), new Document.Text("b", true, true));
    }

    @Test
    void readsPlainTextAsOneDocument() throws Exception {
        assertThat(read("data.txt", "[a\nb")).containsExactly(new Document.Text("[a\nb\n", true, true));
    }

    @Test
    void readsLongTextInPieces() throws Exception {
        String line = "x".repeat(1000) + "\n";
        List<Document> pieces = read("long.txt", line.repeat(2000));
        assertThat(pieces).hasSize(2);
        assertThat((Document.Text) pieces.getFirst())
                .matches(t -> t.starts() && !t.ends() && t.text().endsWith("x\n"));
        assertThat((Document.Text) pieces.getLast()).matches(t -> !t.starts() && t.ends());
        assertThat(pieces.stream().mapToInt(p -> ((Document.Text) p).text().length()).sum()).isEqualTo(2_002_000);
    }

    @Test
    void stopsWhenNoMoreIsWanted() throws Exception {
        Path file = Files.writeString(folder.resolve("data.jsonl"), "{\"text\": \"a\"}\n{\"text\": \"b\"}\nno JSON");
        var seen = new ArrayList<Document>();
        new DataFile(file).read(d -> {
            seen.add(d);
            return seen.size() < 2;
        });
        assertThat(seen).hasSize(2);
    }

    @Test
    void saysWhichEntryIsWrong() {
        assertThatThrownBy(() -> read("data.jsonl", "{\"text\": \"a\"}\n{\"txt\": \"b\"}\n"))
                .isInstanceOf(InvalidDataException.class).hasMessageContaining("data.jsonl: entry 2");
        assertThatThrownBy(() -> read("broken.json", "[{\"text\": \"a\""))
                .isInstanceOf(InvalidDataException.class).hasMessageContaining("broken.json: not JSON");
    }

    private List<Document> read(String name, String content) throws Exception {
        var documents = new ArrayList<Document>();
        new DataFile(Files.writeString(folder.resolve(name), content)).read(documents::add);
        return documents;
    }
}
