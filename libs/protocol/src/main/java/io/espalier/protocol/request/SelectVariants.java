package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Makes {@code select} complete: candidates that only a number stands for become seeds, and what a candidate differs in is
 * written out in full, as if it were a request of its own. So what is wrong with one is found before anything runs.
 */
final class SelectVariants {
    private static final List<String> KEYS = List.of("method", "target", "layers", "shape", "calibration");
    private static final int CANDIDATES = 3;

    private final ObjectNode raw;
    private final ObjectNode complete;
    private final UnaryOperator<ObjectNode> reading;
    private final List<RequestProblem> problems = new ArrayList<>();

    private SelectVariants(ObjectNode raw, ObjectNode complete, UnaryOperator<ObjectNode> reading) {
        this.raw = raw.deepCopy();
        this.raw.remove("select");
        this.complete = complete;
        this.reading = reading;
    }

    /**
     * In place.
     *
     * @param raw      as written
     * @param complete valid, with defaults
     * @param reading  from a request as written to a complete one
     */
    static List<RequestProblem> fill(ObjectNode raw, ObjectNode complete, UnaryOperator<ObjectNode> reading) {
        if (!complete.hasNonNull("select")) {
            return List.of();
        }
        SelectVariants variants = new SelectVariants(raw, complete, reading);
        variants.check();
        if (variants.problems.isEmpty()) {
            variants.fill();
        }
        return variants.problems;
    }

    private void check() {
        if (complete.at("/recovery/lora").isMissingNode()) {
            problem("/select", "compares models after a short recovery: add recovery.lora");
        }
        if (complete.at("/evaluation/perplexity").isEmpty()) {
            problem("/select", "compares by the first evaluation.perplexity, and there is none: add one");
        }
        JsonNode candidates = complete.at("/select/candidates");
        int among = complete.at("/select/among").size();
        if (!candidates.isMissingNode() && among > 0 && candidates.asInt() != among + 1) {
            problem("/select/candidates", candidates + " does not fit: the request itself and the " + among
                    + " of select.among are " + (among + 1));
        }
        onePass("/method", complete);
    }

    /** Rounds of a search and steps of an iterative pruning would have to run for each candidate. */
    private void onePass(String pointer, ObjectNode request) {
        MethodSpec method = new MethodSpec((ObjectNode) request.get("method"));
        if (method.searches() || method.has("iterativeSteps") && method.integer("iterativeSteps") > 1) {
            problem(pointer, "select works with methods that rank once, and " + method.name()
                    + " with these options does not");
        }
    }

    private void fill() {
        ObjectNode select = (ObjectNode) complete.get("select");
        ArrayNode among = select.withArray("among");
        if (among.isEmpty()) {
            long seed = complete.at("/calibration/seed").asLong();
            for (int i = 1; i < select.path("candidates").asInt(CANDIDATES); i++) {
                among.addObject().putObject("calibration").put("seed", seed + i);
            }
        }
        select.put("candidates", among.size() + 1);
        for (int i = 0; i < among.size(); i++) {
            ObjectNode variant = (ObjectNode) among.get(i);
            try {
                ObjectNode read = reading.apply(Sweep.overlay(raw, variant));
                onePass("/select/among/" + i + "/method", read);
                variant.removeAll();
                KEYS.stream().filter(key -> read.has(key) && !read.get(key).equals(complete.get(key))).forEach(
                        key -> variant.set(key, read.get(key)));
            } catch (InvalidRequestException e) {
                String place = "/select/among/" + i;
                e.problems().forEach(p -> problem(place + p.pointer(), p.message()));
            }
        }
    }

    private void problem(String pointer, String message) {
        problems.add(new RequestProblem(pointer, message));
    }
}
