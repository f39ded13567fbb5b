/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Fuzz target: case files. Whatever bytes come, loading may not crash, leak or hang, and a refusal
    names file and reason. Small cases that are accepted are derived, and reported in every format.
*/

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <caustic/report.h>
#include "fuzz.h"

const char * const fuzz_corpus[] =
{
    "tests/fuzz/corpus/case", "tests/bad", "cases/mlp", "cases/custom", "cases/refuted", "cases/transformer", "cases/cnn",
    "cases/meanfield", NULL
};
const char * const fuzz_dictionary = "tests/fuzz/case.dict";

enum { TEXT_LIMIT = 8192, PARAMETERS = 3, NODES = 60 };

static void
insist(int holds, const char * promise)
{
    if (!holds)
    {
        fprintf(stderr, "broken promise: %s\n", promise);
        abort();
    }
}

static slong
nodes_of(const caustic_setting_struct * setting, const caustic_expr * expressions, slong length)
{
    slong nodes = 0;

    for (slong i = 0; i < length && expressions != NULL; i++)
        if (expressions[i] != CAUSTIC_NONE)
            nodes += caustic_expr_nodes(setting->pool, expressions[i]);

    return nodes;
}

static int
is_tiny(const caustic_setting_struct * setting)
{
    slong n = setting->parameters, d = setting->coordinates;

    return n <= PARAMETERS && setting->elements <= 4
        && nodes_of(setting, setting->inverse_metric, n * n) <= NODES
        && nodes_of(setting, setting->generator, setting->generators * n) <= NODES
        && nodes_of(setting, setting->element, setting->elements * n) <= NODES
        && nodes_of(setting, setting->invariant, d) <= NODES
        && nodes_of(setting, setting->section, n) <= NODES
        && nodes_of(setting, &setting->loss, 1) <= NODES;
}

static void
derive(const caustic_case_struct * problem)
{
    static const caustic_format formats[] =
        {CAUSTIC_FORMAT_TEXT, CAUSTIC_FORMAT_JSON, CAUSTIC_FORMAT_LATEX, CAUSTIC_FORMAT_MARKDOWN, CAUSTIC_FORMAT_CSV};
    caustic_run_options options;
    json_t * record, * records = json_array();
    caustic_text_t text;

    caustic_run_options_init(&options);
    caustic_text_init(text);

    record = caustic_report_derive(problem, &options);
    insist(record != NULL, "every case can be derived");
    insist(json_array_append_new(records, record) == 0, "a record is an object");
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
    {
        if (caustic_report_has_format(CAUSTIC_COMMAND_DERIVE, formats[i]))
        {
            caustic_text_reset(text);
            caustic_report_write(text, records, CAUSTIC_COMMAND_DERIVE, formats[i], 0);
            insist(text->length > 0, "a report says something");
        }
    }

    caustic_text_clear(text);
    caustic_run_options_clear(&options);
    json_decref(records);
}

int
LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    caustic_case_t problem;
    caustic_error_t error;
    caustic_result result;

    if (size > TEXT_LIMIT)
        return 0;

    caustic_error_init(error);
    result = caustic_case_read_text(problem, (const char *) data, size, "tests/fuzz/input.yaml", error);
    if (result == CAUSTIC_OK)
    {
        insist(problem->name != NULL && problem->pool != NULL, "an accepted case is whole");
        if (is_tiny(problem->setting))
            derive(problem);
    }
    else
    {
        insist(result == CAUSTIC_BAD_INPUT || result == CAUSTIC_IO_ERROR, "refused as bad input or unreadable");
        insist(error->file != NULL, "a refusal names the file");
        insist(error->message != NULL && error->message[0] != 0, "a refusal says why");
    }

    caustic_case_clear(problem);
    caustic_error_clear(error);
    return 0;
}
