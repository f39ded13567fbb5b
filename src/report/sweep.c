/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Many values of some constants of a case. What does not depend on them is done once: for shock times
    of one dimension the reduction is proved for all values together, and each value is a search.
*/

#include <string.h>
#include <caustic/family.h>
#include "report_internal.h"

struct caustic_sweep
{
    const char * text;
    size_t length;
    const char * file;
    slong constants;
    caustic_constant_as * as;      /* names and ranges; the values of the last one asked for */
    caustic_command command;
    const caustic_run_options * options;
    caustic_case_t problem;        /* with the constants as symbols, where `shared` */
    caustic_family_t family;
    int shared;
};

/* Whether one reduction, and no characteristic, serves all values. */
static int
open_family(caustic_sweep * sweep)
{
    caustic_case_struct * problem = sweep->problem;
    caustic_expr symbol[CAUSTIC_FAMILY_PARAMETERS];
    caustic_interval_struct range[CAUSTIC_FAMILY_PARAMETERS];
    caustic_error_t error;
    slong i;
    int shared;

    if (sweep->command != CAUSTIC_COMMAND_SHOCK || sweep->constants > CAUSTIC_FAMILY_PARAMETERS)
        return 0;
    caustic_error_init(error);
    shared = caustic_case_read_text_as(problem, sweep->text, sweep->length, sweep->file, sweep->as, sweep->constants, error) == CAUSTIC_OK
        && problem->shock.present && problem->shock.scope == CAUSTIC_SCOPE_GLOBAL && problem->setting->coordinates == 1
        && problem->setting->loss != CAUSTIC_NONE;
    if (shared)
    {
        for (i = 0; i < sweep->constants; i++)
        {
            symbol[i] = caustic_symbol(problem->pool, sweep->as[i].name);
            range[i] = *sweep->as[i].range;
        }
        caustic_family_init(sweep->family, problem->setting, symbol, range, sweep->constants);
        shared = sweep->family->reduced && sweep->family->complete;
        if (!shared)
            caustic_family_clear(sweep->family);
    }
    if (!shared)
        caustic_case_clear(problem);
    caustic_error_clear(error);
    return shared;
}

caustic_sweep *
caustic_sweep_new(const char * text, size_t length, const char * file, const caustic_constant_as * constants,
    slong constants_length, caustic_command command, const caustic_run_options * options)
{
    caustic_sweep * sweep = flint_calloc(1, sizeof(caustic_sweep));

    sweep->text = text;
    sweep->length = length;
    sweep->file = file;
    sweep->command = command;
    sweep->options = options;
    sweep->constants = constants_length;
    sweep->as = flint_calloc((size_t) constants_length + 1, sizeof(caustic_constant_as));
    for (slong i = 0; i < constants_length; i++)
    {
        sweep->as[i].name = constants[i].name;
        sweep->as[i].range = constants[i].range;
    }
    sweep->shared = open_family(sweep);
    return sweep;
}

void
caustic_sweep_free(caustic_sweep * sweep)
{
    if (sweep->shared)
    {
        caustic_family_clear(sweep->family);
        caustic_case_clear(sweep->problem);
    }
    flint_free(sweep->as);
    flint_free(sweep);
}

/* One value **********************************************************************************/

static caustic_expr
at_value(const caustic_sweep * sweep, caustic_expr e, const caustic_expr * values)
{
    return e == CAUSTIC_NONE ? e
        : caustic_substitute(sweep->family->pool, e, sweep->family->symbol + 1, values, sweep->constants);
}

/* 0: an expression has no value there; reading the case with the value will say which. */
static int
describe_value(caustic_shock_problem * shock, const caustic_sweep * sweep, const fmpq * value)
{
    const caustic_case_struct * problem = sweep->problem;
    const caustic_claims_block * claims = &problem->claims;
    caustic_expr values[CAUSTIC_FAMILY_PARAMETERS];

    for (slong i = 0; i < sweep->constants; i++)
        values[i] = caustic_number(sweep->family->pool, value + i);
    memset(shock, 0, sizeof(caustic_shock_problem));
    shock->pool = sweep->family->pool;
    shock->z = sweep->family->symbol[0];
    *shock->domain = sweep->family->range[0];
    *shock->box = problem->shock.box[0];
    shock->cometric = at_value(sweep, sweep->family->cometric, values);
    shock->loss = at_value(sweep, sweep->family->loss, values);
    shock->digits = sweep->options->digits > 0 ? sweep->options->digits : problem->shock.digits;
    shock->precision_limit = sweep->options->precision_limit;
    shock->box_limit = SHOCK_BOX_LIMIT;
    shock->claimed_time = at_value(sweep, claims->shock_time, values);
    shock->claimed_at = claims->shock_at == NULL ? CAUSTIC_NONE : at_value(sweep, claims->shock_at[0], values);
    shock->claimed_none = claims->no_shock;
    return shock->cometric != CAUSTIC_NONE && shock->loss != CAUSTIC_NONE
        && (shock->claimed_time == CAUSTIC_NONE) == (claims->shock_time == CAUSTIC_NONE)
        && (shock->claimed_at == CAUSTIC_NONE) == (claims->shock_at == NULL);
}

static json_t *
make_alone(caustic_sweep * sweep, const fmpq * value)
{
    static json_t * (* const make[CAUSTIC_COMMANDS])(const caustic_case_t, const caustic_run_options *) =
    {
        [CAUSTIC_COMMAND_DERIVE] = caustic_report_derive, [CAUSTIC_COMMAND_AUDIT] = caustic_report_audit,
        [CAUSTIC_COMMAND_VERIFY] = caustic_report_verify, [CAUSTIC_COMMAND_SHOCK] = caustic_report_shock,
    };
    caustic_case_t problem;
    caustic_error_t error;
    json_t * record;

    caustic_error_init(error);
    for (slong i = 0; i < sweep->constants; i++)
        sweep->as[i].value = value + i;
    if (caustic_case_read_text_as(problem, sweep->text, sweep->length, sweep->file, sweep->as, sweep->constants, error) == CAUSTIC_OK)
        record = make[sweep->command](problem, sweep->options);
    else
        record = json_pack("{s:s, s:s}", "verdict", "UNDECIDED", "detail", error->message);
    for (slong i = 0; i < sweep->constants; i++)
        sweep->as[i].value = NULL;
    caustic_case_clear(problem);
    caustic_error_clear(error);
    return record;
}

static void
copy_key(json_t * to, const json_t * from, const char * key)
{
    json_t * value = json_object_get(from, key);

    if (value != NULL)
        json_object_set(to, key, value);
}

/* What a row keeps of a record: a million rows should not repeat what is the same in all. */
static json_t *
row_of(const json_t * record)
{
    static const char * const keys[] = {"verdict", "shock", "time", "attained", "at", "minimisers"};
    const json_t * claim = json_object_get(record, "claim");
    json_t * row = json_object();

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        copy_key(row, record, keys[i]);
    if (claim != NULL)
        json_object_set(row, "claim", json_object_get(claim, "verdict"));
    if (strcmp(text_of(record, "verdict"), "PROVED") != 0)
    {
        copy_key(row, record, "detail");
        if (claim != NULL)
            copy_key(row, claim, "detail");
    }
    return row;
}

json_t *
caustic_sweep_value(caustic_sweep * sweep, const fmpq * value)
{
    caustic_shock_problem description;
    caustic_shock_result_t shock;
    json_t * record, * row;

    if (sweep->shared && describe_value(&description, sweep, value))
    {
        record = json_object();
        caustic_shock_result_init(shock);
        caustic_shock_global_1d(shock, &description);
        json_object_set_new(record, "verdict", json_verdict(record_shock(record, shock, sweep->problem, NULL, sweep->options)));
        caustic_shock_result_clear(shock);
    }
    else
        record = make_alone(sweep, value);

    if (record == NULL)
        return NULL;
    row = row_of(record);
    json_decref(record);
    return row;
}

/* Writing ************************************************************************************/

static void
append_csv_bounds(caustic_text_t out, const json_t * object)
{
    caustic_text_printf(out, ",%s,%s", text_of(object, "lower"), text_of(object, "upper"));
}

static const json_t *
names_of(const json_t * record)
{
    return json_object_get(record, "over");
}

void
write_sweep_csv(caustic_text_t out, const json_t * record)
{
    const json_t * over = names_of(record), * name, * value, * row;
    size_t i, j;

    json_array_foreach(over, i, name)
        caustic_text_printf(out, "%s,", text_of(name, "name"));
    caustic_text_append(out, "verdict,shock,lower,upper,at_lower,at_upper,claim\n");
    json_array_foreach(json_object_get(record, "values"), i, row)
    {
        const json_t * shock = json_object_get(row, "shock"), * at = json_object_get(row, "at");

        json_array_foreach(over, j, name)
        {
            value = json_object_get(json_object_get(row, "of"), text_of(name, "name"));
            caustic_text_printf(out, "%s,", json_string_value(value));
        }
        caustic_text_printf(out, "%s,%s", text_of(row, "verdict"), shock == NULL ? "" : json_is_true(shock) ? "true" : "false");
        append_csv_bounds(out, json_object_get(row, "time"));
        append_csv_bounds(out, at == NULL ? NULL : json_array_get(at, 0));
        caustic_text_printf(out, ",%s\n", text_of(row, "claim"));
    }
}

#define ROWS_SHOWN 10

static void
write_point(caustic_text_t out, const json_t * row)
{
    const char * name;
    json_t * value;
    int first = 1;

    json_object_foreach(json_object_get(row, "of"), name, value)
    {
        caustic_text_printf(out, "%s%s = %s", first ? "" : ", ", name, json_string_value(value));
        first = 0;
    }
}

void
write_sweep_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * name, * row, * counts = json_object_get(record, "counts");
    const char * verdict;
    json_t * count;
    size_t i, shown = 0;

    write_heading(out, record, color);
    json_array_foreach(names_of(record), i, name)
        caustic_text_printf(out, "    %-20s %s from %s to %s, %lld values\n", i == 0 ? "over" : "", text_of(name, "name"),
            text_of(name, "from"), text_of(name, "to"), (long long) json_integer_value(json_object_get(name, "count")));
    caustic_text_append(out, "    values              ");
    json_object_foreach((json_t *) counts, verdict, count)
        caustic_text_printf(out, " %lld %s", (long long) json_integer_value(count), verdict);
    caustic_text_append(out, "\n");
    json_array_foreach(json_object_get(record, "values"), i, row)
        if (strcmp(text_of(row, "verdict"), "PROVED") != 0 && shown++ < ROWS_SHOWN)
        {
            caustic_text_printf(out, "    %-20s ", text_of(row, "verdict"));
            write_point(out, row);
            caustic_text_printf(out, ": %s\n", text_of(row, "detail"));
        }
    if (shown > ROWS_SHOWN)
        caustic_text_printf(out, "    and %lu more that are not PROVED (--format csv or json has all)\n", (unsigned long) (shown - ROWS_SHOWN));
}

json_t *
caustic_report_sweep(const caustic_case_t problem, json_t * over, json_t * values)
{
    json_t * record = record_new(problem), * counts = json_object(), * row;
    caustic_verdict verdict = CAUSTIC_PROVED;
    size_t i;

    json_array_foreach(values, i, row)
    {
        const char * name = text_of(row, "verdict");

        verdict = caustic_verdict_and(verdict, caustic_report_outcome(row));
        json_object_set_new(counts, name, json_integer(json_integer_value(json_object_get(counts, name)) + 1));
    }
    json_object_set_new(record, "over", over);
    json_object_set_new(record, "counts", counts);
    json_object_set_new(record, "verdict", json_verdict(verdict));
    json_object_set_new(record, "values", values);
    return record;
}
