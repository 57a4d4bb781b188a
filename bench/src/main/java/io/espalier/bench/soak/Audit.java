package io.espalier.bench.soak;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.Stage;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.message.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What does not hold when it is over; an empty list is the aim. */
final class Audit {
    private final List<String> violations = new ArrayList<>();
    private final Set<ArtifactRef> live = new HashSet<>();
    private long swept;

    /** Every job ended as it should, its tasks were counted once each, and equal requests came to equal results. */
    void jobs(Map<String, Users.Expected> expected, Map<String, JobSnapshot> ended) {
        Map<Integer, String> results = new HashMap<>();
        expected.forEach((id, wanted) -> {
            JobSnapshot job = ended.get(id);
            if (job == null) {
                violations.add(id + " is stuck: it has not ended");
            } else if (!wanted.right().contains(job.state())) {
                violations.add(id + " is " + job.state() + ", not one of " + wanted.right() + ": " + job.error());
            } else {
                live.addAll(job.artifacts());
                if (job.state() == State.SUCCEEDED) {
                    counts(wanted, job);
                    String result = job.planArtifact() + " " + job.models().get(Subject.PRUNED).get("perplexity");
                    String before = results.putIfAbsent(wanted.variant(), result);
                    require(before == null || before.equals(result), id + ": an equal request had another result: "
                            + before + ", now " + result);
                }
            }
        });
    }

    /** Each task that is done says one token: two would be a report counted twice, none a report lost. */
    private void counts(Users.Expected wanted, JobSnapshot job) {
        for (Stage stage : job.stages()) {
            String where = job.id() + " " + stage.stage();
            require(stage.done() == stage.tasks(), where + ": " + stage.done() + " of " + stage.tasks()
                    + " tasks done, yet the job succeeded");
            require(stage.tokens() <= stage.tasks(), where + ": a report was counted twice: " + stage.tokens()
                    + " tokens of " + stage.tasks() + " tasks");
            require(!wanted.fresh() || stage.tokens() == stage.tasks(), where + ": " + stage.tokens() + " tokens of "
                    + stage.tasks() + " tasks that were all to be done");
            require(stage.attempts() >= stage.tasks(), where + ": fewer attempts than tasks");
        }
    }

    /** What the jobs name is there with the right bytes; after a collection nothing else is. */
    void artifacts(Path folder) throws IOException {
        try (ArtifactStore store = ArtifactStores.open(folder.toString())) {
            for (ArtifactRef artifact : live) {
                verify(store, artifact);
            }
            swept = store.collect(live, Duration.ZERO).artifacts();
            for (ArtifactRef artifact : live) {
                require(store.contains(artifact), artifact + " was collected although a job names it");
            }
            require(store.collect(live, Duration.ZERO).artifacts() == 0, "a second collection finds more");
        }
        long files = count(folder.resolve("files"));
        Set<String> named = new HashSet<>();
        live.stream().filter(artifact -> artifact.kind() == ArtifactRef.Kind.FILE)
                .forEach(artifact -> named.add(artifact
                        .sha256()));
        long trees = live.stream().filter(artifact -> artifact.kind() == ArtifactRef.Kind.TREE).count();
        require(count(folder.resolve("trees")) == trees, "trees that no job names are left: " + count(folder.resolve(
                "trees")) + " of " + trees);
        require(files <= named.size() + 2 * trees, "files that no job names are left: " + files + " for " + named.size()
                + " files and " + trees + " trees of two");
    }

    private void verify(ArtifactStore store, ArtifactRef artifact) {
        try {
            switch (artifact.kind()) {
                case FILE -> store.file(artifact);
                case TREE -> store.tree(artifact);
            }
        } catch (IOException e) {
            violations.add("an artifact that a job names cannot be had: " + e);
        }
    }

    private static long count(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }

    List<String> violations() {
        return violations;
    }

    int artifacts() {
        return live.size();
    }

    /** Leftovers that the collection removed. */
    long swept() {
        return swept;
    }
}
