/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "shock_record.h"

/* The record of a row: what the three commands say of a case, abridged. */

static caustic_verdict
part(json_t * row, const char * key, const json_t * record, caustic_verdict so_far)
{
    json_t * object;

    if (record == NULL)
    {
        json_object_set_new(row, key, json_null());
        return so_far;
    }

    object = json_object();
    json_object_set(object, "verdict", json_object_get(record, "verdict"));
    if (json_object_get(record, "expected") != NULL)
    {
        json_object_set(object, "expected", json_object_get(record, "expected"));
        json_object_set(object, "as_expected", json_object_get(record, "as_expected"));
    }
    json_object_set_new(row, key, object);
    return caustic_verdict_and(so_far, caustic_report_outcome(record));
}

static void
copy(json_t * to, const json_t * from, const char * key)
{
    json_t * value = json_object_get(from, key);

    if (value != NULL)
        json_object_set(to, key, value);
}

/* The largest residual bound of the two equations, as text: bounds are printed decimals, and the
   largest is found among them exactly. */
static void
copy_bound(json_t * to, const json_t * verify)
{
    const json_t * check;
    const char * largest = NULL;
    arb_t bound, best;
    size_t i;

    arb_init(bound);
    arb_init(best);

    json_array_foreach(json_object_get(verify, "checks"), i, check)
    {
        const char * text = text_of(check, "bound");

        if (strstr(text_of(check, "name"), "residual") == NULL || *text == '\0')
            continue;
        if (arb_set_str(bound, text, 200) != 0 || !arb_is_finite(bound))
            continue;
        if (largest == NULL || arb_gt(bound, best))
        {
            largest = text;
            arb_set(best, bound);
        }
    }

    if (largest != NULL)
        json_object_set_new(to, "bound", json_string(largest));

    arb_clear(bound);
    arb_clear(best);
}

json_t *
caustic_report_table(const caustic_case_t problem, const caustic_run_options * options)
{
    json_t * row = record_new(problem);
    json_t * derive = caustic_report_derive(problem, options);
    json_t * audit = caustic_report_audit(problem, options);
    json_t * verify = caustic_report_verify(problem, options);
    json_t * front = report_front(problem, options);
    caustic_run_options plain = *options;
    json_t * shock;
    caustic_verdict verdict = CAUSTIC_PROVED, audited;

    plain.viscous = plain.after = 0;
    shock = caustic_report_shock(problem, &plain);

    copy(row, derive, "dimension");
    copy(row, derive, "coordinates");
    copy(row, derive, "equations");

    verdict = part(row, "derive", derive, verdict);
    /* What an audit finds of training is no verdict on the case, unless the case expects one. */
    audited = part(row, "audit", audit, verdict);
    if (problem->audit_expect != 0)
        verdict = audited;
    copy(json_object_get(row, "audit"), audit, "charge_values");
    copy(json_object_get(row, "audit"), audit, "geometries");
    copy(json_object_get(row, "audit"), audit, "chain");
    verdict = part(row, "verify", verify, verdict);
    verdict = part(row, "shock", shock, verdict);

    if (verify != NULL)
    {
        copy_bound(json_object_get(row, "verify"), verify);
        copy(json_object_get(row, "verify"), verify, "altered");
    }

    if (shock != NULL)
    {
        json_t * object = json_object_get(row, "shock");

        copy(object, shock, "scope");
        copy(object, shock, "shock");
        copy(object, shock, "time");
        copy(object, shock, "attained");
        copy(object, shock, "at");
        copy(object, shock, "minimisers");
        copy(object, shock, "routes");
        copy(object, shock, "agreement");
        copy(object, shock, "claim");
    }

    /* Shown where asked for, and no part of the verdict: most quotients are no flat line, and have no front. */
    if (front != NULL)
        json_object_set_new(row, "front", front);

    /* The parts have weighed what was expected of them; the row may expect something too. */
    record_conclude(row, verdict, problem, CAUSTIC_COMMAND_TABLE);
    json_decref(derive);
    json_decref(audit);
    json_decref(verify);
    json_decref(shock);
    return row;
}

/* Writing ************************************************************************************/

enum {CASE, DIMENSION, DERIVED, TRAINING, CHAIN, RESIDUAL, ALTERED, TIME, PLACE, SCOPE, CLAIM, TRAINING_TIME, AGREEMENT,
    FIRST_ROUTE, SECOND_ROUTE, SIGNATURE, AFTER, COLUMNS};

static const char * const header[COLUMNS] =
    {"case", "N-k=d", "derived", "training", "chain", "residual", "altered", "shock time T*", "at", "scope", "claimed T*",
        "training's T*", "routes agree", "T* by curvature", "T* by characteristics", "signature", "after T*"};

/* The bounds that each route found have room in a file alone. */
static int
is_shown(int column, caustic_format format)
{
    return format == CAUSTIC_FORMAT_CSV || (column != FIRST_ROUTE && column != SECOND_ROUTE);
}

/* Digits of shock times, and of where they are reached: a cell has no room for all. */
#define TIME_DIGITS 12
#define PLACE_DIGITS 6
#define PLACES_SHOWN 3

/* The longest claim that a cell shows. */
#define CLAIM_WIDTH 18

/* A star where the outcome is the one that the case expects, an exclamation mark where it is not. */
static void
append_expectation(caustic_text_t cell, const json_t * part)
{
    const json_t * as_expected = json_object_get(part, "as_expected");

    if (as_expected != NULL)
        caustic_text_append(cell, json_is_true(as_expected) ? "*" : "!");
}

static void
verdict_cell(caustic_text_t cell, const json_t * part)
{
    caustic_text_append(cell, json_is_object(part) ? text_of(part, "verdict") : "-");
    append_expectation(cell, part);
}

/* Whether the gradient-field assumption holds for training: everywhere, on leaves, or not. */
static void
training_cell(caustic_text_t cell, const json_t * audit)
{
    const char * verdict = text_of(audit, "verdict");

    caustic_text_append(cell, strcmp(verdict, "HOLDS_ON_LEAVES") == 0 ? "ON LEAVES" : *verdict == '\0' ? "-" : verdict);
    append_expectation(cell, audit);
}

/* The links that the table shows, one letter each, in the chain's order. */
static void
chain_cell(caustic_text_t cell, const json_t * chain)
{
    static const char * const links[] = {"invariance", "isometry", "hamilton_jacobi", "gradient_field", "burgers", "shock"};

    for (size_t k = 0; k < sizeof(links) / sizeof(links[0]); k++)
    {
        const char * status = "NOT_ASKED";
        const json_t * link;
        size_t i;

        json_array_foreach(chain, i, link)
            if (strcmp(text_of(link, "claim"), links[k]) == 0)
                status = text_of(link, "status");
        caustic_text_append_length(cell, strcmp(status, "NOT_ASKED") == 0 ? "-" : status, 1);
    }
}

/* The bound alone says PROVED: it is below the tolerance. */
static void
residual_cell(caustic_text_t cell, const json_t * verify)
{
    if (*text_of(verify, "bound") != '\0' && strcmp(text_of(verify, "verdict"), "PROVED") == 0
        && json_object_get(verify, "as_expected") == NULL)
        caustic_text_append(cell, text_of(verify, "bound"));
    else
        verdict_cell(cell, verify);
}

static void
altered_cell(caustic_text_t cell, const json_t * verify)
{
    const json_t * altered = json_object_get(verify, "altered");

    if (json_integer_value(json_object_get(altered, "tried")) == 0)
        caustic_text_append(cell, "-");
    else
        caustic_text_printf(cell, "%ld/%ld", (long) json_integer_value(json_object_get(altered, "refuted")),
            (long) json_integer_value(json_object_get(altered, "tried")));
}

/* A ball's first digits, rounded to nearest: the records have its bounds. */
static void
shortened(caustic_text_t cell, const json_t * bounds, slong digits)
{
    arb_t ball;
    char * text;

    arb_init(ball);
    if (arb_set_str(ball, text_of(bounds, "ball"), 4000) != 0)
        arb_indeterminate(ball);
    if (arb_contains_zero(ball) && mag_cmp_2exp_si(arb_radref(ball), -4 * digits) < 0)
        arb_zero(ball);
    text = arb_get_str(ball, digits, ARB_STR_NO_RADIUS);
    caustic_text_append(cell, text);
    flint_free(text);
    arb_clear(ball);
}

static int
is_proved(const json_t * object)
{
    return strcmp(text_of(object, "verdict"), "PROVED") == 0;
}

/* The record says whether there is a shock only where that is certified; a claim about it may be
   refuted all the same, and then the certified time stands beside it. */
static void
time_cell(caustic_text_t cell, const json_t * shock)
{
    const json_t * claim = json_object_get(shock, "claim");
    int claim_alone = claim != NULL && !is_proved(claim)
        && strcmp(text_of(claim, "verdict"), text_of(shock, "verdict")) == 0;

    if (!is_proved(shock) && !claim_alone)
        verdict_cell(cell, shock);
    else if (json_is_false(json_object_get(shock, "shock")))
        caustic_text_append(cell, "none");
    else if (json_is_true(json_object_get(shock, "shock")))
        shortened(cell, json_object_get(shock, "time"), TIME_DIGITS);
    else
        verdict_cell(cell, shock);
}

static void
place_cell(caustic_text_t cell, const json_t * shock)
{
    const json_t * list = json_object_get(shock, "at"), * at;
    const json_t * minimisers = json_object_get(shock, "minimisers");

    size_t i;

    if (list != NULL)
        json_array_foreach(list, i, at)
        {
            if (i == PLACES_SHOWN)
            {
                caustic_text_append(cell, ", ...");
                break;
            }
            caustic_text_printf(cell, "%s%s = ", i == 0 ? "" : ", ", text_of(at, "name"));
            shortened(cell, at, PLACE_DIGITS);
        }
    else if (json_is_false(json_object_get(shock, "attained")))
        caustic_text_append(cell, "not attained");
    else if (json_is_integer(minimisers))
        caustic_text_printf(cell, "%ld places", (long) json_integer_value(minimisers));
    else if (json_is_string(minimisers))
        caustic_text_printf(cell, "%s places", json_string_value(minimisers));
    else
        caustic_text_append(cell, "-");
}

static void
claim_cell(caustic_text_t cell, const json_t * shock)
{
    const json_t * claim = json_object_get(shock, "claim");
    const char * formula = text_of(claim, "formula");

    if (claim == NULL)
    {
        caustic_text_append(cell, "-");
        return;
    }

    caustic_text_append(cell, text_of(claim, "verdict"));
    append_expectation(cell, shock);
    if (*formula != '\0' && strlen(formula) <= CLAIM_WIDTH)
        caustic_text_printf(cell, ": %s", formula);
}

/* The shock time of the first geometry that is training's own, with the leaf. */
static void
training_time_cell(caustic_text_t cell, const json_t * audit)
{
    const json_t * names = json_object_get(audit, "charge_values");
    const json_t * geometry, * value;
    size_t i, k;

    json_array_foreach(json_object_get(audit, "geometries"), i, geometry)
        if (strcmp(text_of(geometry, "name"), "quotient") != 0 && json_object_get(geometry, "shock") != NULL)
        {
            time_cell(cell, json_object_get(geometry, "shock"));
            json_array_foreach(json_object_get(geometry, "charges"), k, value)
                caustic_text_printf(cell, ", %s = %s", json_string_value(json_array_get(names, k)), json_string_value(value));
            return;
        }
    caustic_text_append(cell, "-");
}

/* To how many digits the two routes to the shock time agree; where there is none, up to which time the second one confirms it. */
static void
agreement_cell(caustic_text_t cell, const json_t * shock)
{
    const json_t * agreement = json_object_get(shock, "agreement"), * routes = json_object_get(shock, "routes");
    const char * until = text_of(json_array_get(routes, 1), "none_until");

    if (json_is_false(json_object_get(agreement, "overlap")))
        caustic_text_append(cell, "NO");
    else if (agreement != NULL)
        caustic_text_printf(cell, "%ld digits", (long) json_integer_value(json_object_get(agreement, "digits")));
    else if (json_is_false(json_object_get(shock, "shock")) && *until != '\0')
        caustic_text_printf(cell, "none to %s", until);
    else
        caustic_text_append(cell, json_is_true(json_object_get(shock, "shock")) ? "one route" : "-");
}

static void
route_cell(caustic_text_t cell, const json_t * shock, size_t i)
{
    const json_t * route = json_array_get(json_object_get(shock, "routes"), i);

    if (*text_of(route, "lower") != '\0')
        caustic_text_printf(cell, "[%s, %s]", text_of(route, "lower"), text_of(route, "upper"));
    else
        caustic_text_append(cell, "-");
}

/* The limit of sqrt(nu) |v_s| where the shock begins; "-" where the question makes no sense. */
static void
signature_cell(caustic_text_t cell, const json_t * viscous)
{
    if (json_object_get(viscous, "limit") != NULL)
        shortened(cell, json_object_get(viscous, "limit"), TIME_DIGITS);
    else
        verdict_cell(cell, viscous);
}

/* Where the shocks are at each time, and how large their jumps. */
static void
after_cell(caustic_text_t cell, const json_t * after)
{
    const json_t * entry, * shock;
    size_t i, k;

    if (json_array_size(json_object_get(after, "times")) == 0)
    {
        if (json_is_true(json_object_get(after, "smooth")))
            caustic_text_append(cell, "no shock at any time");
        else
            verdict_cell(cell, after);
        return;
    }
    json_array_foreach(json_object_get(after, "times"), i, entry)
    {
        const json_t * shocks = json_object_get(entry, "shocks");

        caustic_text_printf(cell, "%st = %s: ", i == 0 ? "" : "; ", text_of(entry, "time"));
        if (json_array_size(shocks) == 0)
            caustic_text_append(cell, shocks == NULL ? "UNDECIDED" : "none");
        json_array_foreach(shocks, k, shock)
        {
            if (k == PLACES_SHOWN)
            {
                caustic_text_printf(cell, ", ... (%ld)", (long) json_array_size(shocks));
                break;
            }
            caustic_text_append(cell, k == 0 ? "s = " : ", ");
            shortened(cell, json_object_get(shock, "position"), PLACE_DIGITS);
            caustic_text_append(cell, " (jump ");
            shortened(cell, json_object_get(shock, "strength"), PLACE_DIGITS);
            caustic_text_append(cell, ")");
        }
    }
}

static void
fill_row(caustic_text_struct * cells, const json_t * row)
{
    const json_t * dimension = json_object_get(row, "dimension");
    const json_t * verify = json_object_get(row, "verify");
    const json_t * shock = json_object_get(row, "shock");

    caustic_text_append(cells + CASE, text_of(row, "case"));
    if (dimension == NULL)
        caustic_text_append(cells + DIMENSION, "-");
    else
        caustic_text_printf(cells + DIMENSION, "%ld-%ld=%ld",
            (long) json_integer_value(json_object_get(dimension, "parameters")),
            (long) json_integer_value(json_object_get(dimension, "group")),
            (long) json_integer_value(json_object_get(dimension, "quotient")));
    verdict_cell(cells + DERIVED, json_object_get(row, "derive"));
    training_cell(cells + TRAINING, json_object_get(row, "audit"));
    chain_cell(cells + CHAIN, json_object_get(json_object_get(row, "audit"), "chain"));
    training_time_cell(cells + TRAINING_TIME, json_object_get(row, "audit"));
    residual_cell(cells + RESIDUAL, verify);
    altered_cell(cells + ALTERED, verify);
    time_cell(cells + TIME, shock);
    place_cell(cells + PLACE, shock);
    caustic_text_append(cells + SCOPE, json_is_object(shock) ? text_of(shock, "scope") : "-");
    claim_cell(cells + CLAIM, shock);
    agreement_cell(cells + AGREEMENT, shock);
    route_cell(cells + FIRST_ROUTE, shock, 0);
    route_cell(cells + SECOND_ROUTE, shock, 1);
    signature_cell(cells + SIGNATURE, json_object_get(json_object_get(row, "front"), "viscous"));
    after_cell(cells + AFTER, json_object_get(json_object_get(row, "front"), "after"));
}

/* Whether some row was asked for this part of the front. */
static int
has_front(const json_t * records, const char * key)
{
    const json_t * row;
    size_t i;

    json_array_foreach(records, i, row)
        if (json_object_get(json_object_get(row, "front"), key) != NULL)
            return 1;
    return 0;
}

static void
append_markdown_cell(caustic_text_t out, const char * text)
{
    for (; *text != '\0'; text++)
    {
        if (*text == '|' || *text == '*' || *text == '_')
            caustic_text_append(out, "\\");
        caustic_text_append_length(out, text, 1);
    }
}

static void
append_csv_cell(caustic_text_t out, const char * text)
{
    if (strpbrk(text, ",\"\n") == NULL)
    {
        caustic_text_append(out, text);
        return;
    }

    caustic_text_append(out, "\"");
    for (; *text != '\0'; text++)
        caustic_text_append(out, *text == '"' ? "\"\"" : (char[2]) {*text, '\0'});
    caustic_text_append(out, "\"");
}

static void
append_latex_cell(caustic_text_t out, const char * text)
{
    for (; *text != '\0'; text++)
    {
        if (strchr("&%$#_{}", *text) != NULL)
            caustic_text_append(out, "\\");
        if (strncmp(text, "<=", 2) == 0)
        {
            caustic_text_append(out, "$\\le$");
            text++;
        }
        else if (*text == '^')
            caustic_text_append(out, "\\textasciicircum{}");
        else if (*text == '*')
            caustic_text_append(out, "$^*$");
        else
            caustic_text_append_length(out, text, 1);
    }
}

/* The scope that all rows share, or NULL where they differ. */
static const char *
common_scope(const json_t * records)
{
    const char * common = NULL;
    const json_t * row;
    size_t i;

    json_array_foreach(records, i, row)
    {
        const char * scope = text_of(json_object_get(row, "shock"), "scope");

        if (*scope == '\0')
            continue;
        if (common != NULL && strcmp(scope, common) != 0)
            return NULL;
        common = scope;
    }

    return common;
}

/* Cells of one row; columns of width 0 are left out. */
static void
write_row(caustic_text_t out, const char * const * cells, const size_t * widths, caustic_format format)
{
    int last = COLUMNS - 1;

    if (format == CAUSTIC_FORMAT_MARKDOWN)
        caustic_text_append(out, "| ");
    while (widths[last] == 0)
        last--;

    for (int c = 0; c <= last; c++)
    {
        const char * between = format == CAUSTIC_FORMAT_MARKDOWN ? " | " : format == CAUSTIC_FORMAT_CSV ? ","
            : format == CAUSTIC_FORMAT_LATEX ? " & " : "  ";

        if (widths[c] == 0)
            continue;
        if (c > 0)
            caustic_text_append(out, between);

        switch (format)
        {
            case CAUSTIC_FORMAT_MARKDOWN: append_markdown_cell(out, cells[c]); break;
            case CAUSTIC_FORMAT_CSV: append_csv_cell(out, cells[c]); break;
            case CAUSTIC_FORMAT_LATEX: append_latex_cell(out, cells[c]); break;
            default:
                caustic_text_append(out, cells[c]);
                for (size_t i = strlen(cells[c]); c < last && i < widths[c]; i++)
                    caustic_text_append(out, " ");
        }
    }

    caustic_text_append(out, format == CAUSTIC_FORMAT_MARKDOWN ? " |\n" : format == CAUSTIC_FORMAT_LATEX ? " \\\\\n" : "\n");
}

static void
write_rule(caustic_text_t out, const size_t * widths, caustic_format format)
{
    if (format == CAUSTIC_FORMAT_MARKDOWN)
    {
        caustic_text_append(out, "|");
        for (int c = 0; c < COLUMNS; c++)
            if (widths[c] > 0)
                caustic_text_append(out, " --- |");
        caustic_text_append(out, "\n");
    }
    else if (format == CAUSTIC_FORMAT_LATEX)
        caustic_text_append(out, "\\hline\n");
    else if (format == CAUSTIC_FORMAT_TEXT)
    {
        size_t total = 0;

        for (int c = 0; c < COLUMNS; c++)
            total += widths[c] == 0 ? 0 : widths[c] + (c == 0 ? 0 : 2);
        for (size_t i = 0; i < total; i++)
            caustic_text_append(out, "-");
        caustic_text_append(out, "\n");
    }
}

/* Whether some part of a case came as the case expects (outcome 1), or did not (0). */
static int
has_expectation(const json_t * records, int outcome)
{
    static const char * const parts[] = {"derive", "verify", "shock"};
    const json_t * row;
    size_t i;

    json_array_foreach(records, i, row)
    {
        for (int k = 0; k < 3; k++)
        {
            const json_t * as_expected = json_object_get(json_object_get(row, parts[k]), "as_expected");

            if (as_expected != NULL && json_is_true(as_expected) == outcome)
                return 1;
        }
    }

    return 0;
}

static void
write_summary(caustic_text_t out, const json_t * records, int color)
{
    const char * scope = common_scope(records);
    const json_t * row;
    slong count[4] = {0, 0, 0, 0};
    size_t i;

    json_array_foreach(records, i, row)
        count[caustic_report_outcome(row)]++;

    if (scope != NULL)
        caustic_text_printf(out, "scope of all shock times: %s%s\n", scope,
            strcmp(scope, "global") == 0 ? ", on the box of the case" : "");
    caustic_text_append(out, "chain: the loss is invariant, the group acts by isometries, Hamilton-Jacobi, training has a gradient field, Burgers,"
        " shock:\n    P proved, C conditional, A assumed, R refuted, U undecided, - not asked. Hamilton-Jacobi, Burgers and shock are of the local"
        " entropy in the\n    case's own metric, and of training as far as the fourth is; training's T* is in its own metric, on the first leaf given."
        " Characteristics\n    are not trajectories of training. caustic audit says what each link rests on\n");
    if (has_expectation(records, 1))
        caustic_text_append(out, "* as the case expects\n");
    if (has_expectation(records, 0))
        caustic_text_append(out, "! not as the case expects\n");

    caustic_text_printf(out, "%ld %s: %ld ", (long) json_array_size(records),
        json_array_size(records) == 1 ? "case" : "cases", (long) count[CAUSTIC_PROVED]);
    caustic_text_printf(out, "%sPROVED%s or as expected, %ld REFUTED, %ld UNDECIDED\n", color ? "\033[32m" : "",
        color ? "\033[0m" : "", (long) count[CAUSTIC_REFUTED], (long) count[CAUSTIC_UNDECIDED]);
    if (count[CAUSTIC_REFUTED] + count[CAUSTIC_UNDECIDED] > 0)
        caustic_text_append(out, "caustic derive, verify and shock give the reasons\n");
}

void
write_table(caustic_text_t out, const json_t * records, caustic_format format, int color)
{
    size_t rows = json_array_size(records);
    caustic_text_struct * cells = flint_malloc((rows * COLUMNS + 1) * sizeof(caustic_text_struct));
    size_t widths[COLUMNS];

    for (size_t i = 0; i < rows * COLUMNS; i++)
        caustic_text_init(cells + i);
    for (size_t r = 0; r < rows; r++)
        fill_row(cells + r * COLUMNS, json_array_get(records, r));

    for (int c = 0; c < COLUMNS; c++)
    {
        widths[c] = strlen(header[c]);
        for (size_t r = 0; r < rows; r++)
            widths[c] = FLINT_MAX(widths[c], cells[r * COLUMNS + (size_t) c].length);
    }

    for (int c = 0; c < COLUMNS; c++)
        if (!is_shown(c, format))
            widths[c] = 0;
    /* In text a scope that all rows share stands below the table. */
    if (format == CAUSTIC_FORMAT_TEXT && common_scope(records) != NULL)
        widths[SCOPE] = 0;
    if (!has_front(records, "viscous"))
        widths[SIGNATURE] = 0;
    if (!has_front(records, "after"))
        widths[AFTER] = 0;

    if (format == CAUSTIC_FORMAT_LATEX)
    {
        caustic_text_append(out, "\\begin{tabular}{");
        for (int column = 0; column < COLUMNS; column++)
            if (widths[column] > 0)
                caustic_text_append(out, "l");
        caustic_text_append(out, "}\n");
    }
    write_row(out, header, widths, format);
    write_rule(out, widths, format);

    for (size_t r = 0; r < rows; r++)
    {
        const char * row[COLUMNS];

        for (int c = 0; c < COLUMNS; c++)
            row[c] = cells[r * COLUMNS + (size_t) c].data;
        write_row(out, row, widths, format);
    }

    if (format == CAUSTIC_FORMAT_LATEX)
        caustic_text_append(out, "\\end{tabular}\n");
    else if (format == CAUSTIC_FORMAT_TEXT)
    {
        write_rule(out, widths, format);
        write_summary(out, records, color);
    }

    for (size_t i = 0; i < rows * COLUMNS; i++)
        caustic_text_clear(cells + i);
    flint_free(cells);
}
