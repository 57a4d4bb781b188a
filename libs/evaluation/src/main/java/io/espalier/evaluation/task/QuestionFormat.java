package io.espalier.evaluation.task;

/** Turns a row of a task's file into what the model is asked. */
@FunctionalInterface
interface QuestionFormat {
    Question question(Row row) throws TaskDataException;
}
