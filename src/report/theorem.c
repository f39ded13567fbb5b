/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/family.h>
#include "report_internal.h"

/* Pieces of each parameter's interval by the number of parameters: 32, or 4 x 4. */
static const slong pieces_of[CAUSTIC_FAMILY_PARAMETERS + 1] = {0, 32, 4, 0, 0};
#define PIECE_DIGITS 10

static void
describe(caustic_theorem_problem * theorem, const caustic_case_t family_case, const caustic_family_t family)
{
    const caustic_claims_block * claims = &family_case->claims;

    memset(theorem, 0, sizeof(caustic_theorem_problem));
    theorem->family = family;
    *theorem->box = family_case->shock.box[0];
    theorem->time = claims->shock_time;
    theorem->at = claims->shock_at == NULL ? CAUSTIC_NONE : claims->shock_at[0];
    theorem->none = claims->no_shock;
    theorem->no_shock_iff = claims->no_shock_iff;
    theorem->strict = claims->no_shock_iff_strict;
    for (slong k = 0; k < family->parameters && claims->monotone != NULL; k++)
        theorem->monotone[k] = claims->monotone[k] == CAUSTIC_INCREASING ? 1 : claims->monotone[k] == CAUSTIC_DECREASING ? -1 : 0;
    theorem->pieces = pieces_of[family->parameters];
    theorem->box_limit = SHOCK_BOX_LIMIT;
}

static json_t *
json_parameters(const caustic_case_t problem)
{
    json_t * list = json_array();
    caustic_text_t text;

    caustic_text_init(text);
    for (slong k = 0; k < problem->parameters_on; k++)
    {
        caustic_text_reset(text);
        caustic_interval_print(text, problem->parameter_on[k].interval);
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", problem->parameter_on[k].name, "interval", text->data));
    }
    caustic_text_clear(text);
    return list;
}

static json_t *
json_piece(const caustic_case_t problem, const caustic_theorem_piece * piece)
{
    json_t * object = json_object();
    caustic_text_t text;

    caustic_text_init(text);
    for (slong k = 0; k < problem->parameters_on; k++)
    {
        json_t * ends = json_array();

        json_array_append_new(ends, json_fmpq(piece->range[k].lower));
        json_array_append_new(ends, json_fmpq(piece->range[k].upper));
        json_object_set_new(object, problem->parameter_on[k].name, ends);
    }
    if (arb_is_finite(piece->lower))
    {
        caustic_print_lower(text, piece->lower, PIECE_DIGITS);
        json_object_set_new(object, "lower", json_string(text->data));
    }
    else
        json_object_set_new(object, "shock", json_false());
    if (arb_is_finite(piece->upper))
    {
        caustic_text_reset(text);
        caustic_print_upper(text, piece->upper, PIECE_DIGITS);
        json_object_set_new(object, "upper", json_string(text->data));
    }
    caustic_text_clear(text);
    return object;
}

/* Where characteristics may end early, what is known of h is a statement about T* only if nothing focuses. [SHOCK-15] */
static json_t *
json_statements(const caustic_theorem_t theorem, const caustic_family_t family)
{
    json_t * checks = json_checks(theorem->checks), * check;
    size_t i;

    json_array_foreach(checks, i, check)
        if (!family->complete && !(strcmp(text_of(check, "name"), "no_shock") == 0 && strcmp(text_of(check, "verdict"), "PROVED") == 0))
        {
            json_object_set_new(check, "detail", json_sprintf("of -1/inf h in place of T*: %s: %s", text_of(check, "verdict"), text_of(check, "detail")));
            json_object_set_new(check, "verdict", json_verdict(CAUSTIC_UNDECIDED));
        }
    return checks;
}

/* Every T* of the quotient is one of characteristics that live until then, or only h is known. */
static caustic_verdict
verdict_of(const caustic_theorem_t theorem, const caustic_family_t family, caustic_text_t detail)
{
    caustic_verdict verdict = caustic_checks_verdict(theorem->checks);
    int only_none = 1;

    for (slong i = 0; i < theorem->checks->length; i++)
        only_none = only_none && strcmp(theorem->checks->entries[i].name, "no_shock") == 0;
    if (theorem->checks->length == 0 && theorem->pieces == 0)
    {
        caustic_text_append(detail, "nothing is claimed, and enclosures need a finite box and at most two parameters");
        return CAUSTIC_UNDECIDED;
    }
    if (!family->complete && !(only_none && verdict == CAUSTIC_PROVED))
    {
        caustic_text_printf(detail, "%sthe quotient is not proved complete for all values, and a characteristic"
            " may leave it before it focuses", detail->length > 0 ? "; " : "");
        return CAUSTIC_UNDECIDED;
    }
    return verdict;
}

static caustic_verdict
set_theorem(json_t * object, const caustic_case_t problem, const caustic_family_t family, caustic_text_t detail)
{
    caustic_theorem_problem description;
    caustic_theorem_t theorem;
    json_t * pieces = json_array();
    caustic_verdict verdict;

    describe(&description, problem->family, family);
    caustic_theorem_init(theorem, &description);
    verdict = verdict_of(theorem, family, detail);
    json_object_set_new(object, "checks", json_statements(theorem, family));
    for (slong i = 0; i < theorem->pieces && family->complete; i++)
        json_array_append_new(pieces, json_piece(problem, theorem->piece + i));
    if (json_array_size(pieces) > 0)
        json_object_set(object, "enclosures", pieces);
    json_decref(pieces);
    caustic_theorem_clear(theorem);
    return verdict;
}

/* The family for all values of the intervals. Where it is not reduced, and there is one parameter, an end at which the metric
   degenerates may be to blame: the family without the lower, the upper, or both ends. 1: an end was left out. */
static int
open_family(caustic_family_t family, const caustic_case_t family_case, caustic_text_t detail)
{
    caustic_expr symbol[CAUSTIC_FAMILY_PARAMETERS];
    caustic_interval_struct range[CAUSTIC_FAMILY_PARAMETERS];
    slong parameters = family_case->parameters_on;
    int lower, upper;

    for (slong k = 0; k < parameters; k++)
    {
        symbol[k] = family_case->parameter_on[k].symbol;
        range[k] = *family_case->parameter_on[k].interval; /* shares the ends, which are only read */
    }
    caustic_family_init(family, family_case->setting, symbol, range, parameters);
    if (family->reduced)
        return 0;
    caustic_text_append(detail, family->why);
    lower = range->lower_closed;
    upper = range->upper_closed;
    for (int left_out = 1; left_out < 4 && parameters == 1 && !family->reduced; left_out++)
        if ((lower || !(left_out & 1)) && (upper || !(left_out & 2)))
        {
            caustic_family_clear(family);
            range->lower_closed = lower && !(left_out & 1);
            range->upper_closed = upper && !(left_out & 2);
            caustic_family_init(family, family_case->setting, symbol, range, parameters);
        }
    return family->reduced;
}

/* "the checks are about (0, 1] only: ..." */
static void
explain_left_out(caustic_text_t detail, const caustic_family_t family)
{
    char * why = caustic_text_take(detail);

    caustic_text_append(detail, "the checks are about ");
    caustic_interval_print(detail, family->range + 1);
    caustic_text_printf(detail, " only; %s", why);
    flint_free(why);
}

caustic_verdict
record_theorem(json_t * record, const caustic_case_t problem)
{
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    caustic_family_t family;
    caustic_text_t detail;
    json_t * object;
    int left_out;

    if (problem->parameters_on == 0)
        return CAUSTIC_PROVED;

    object = json_object();
    caustic_text_init(detail);
    json_object_set_new(object, "parameters", json_parameters(problem));
    json_object_set_new(object, "verdict", json_verdict(verdict));
    if (problem->family == NULL)
        caustic_text_printf(detail, "the case cannot be read with its parameters as symbols: %s", problem->no_family);
    else
    {
        left_out = open_family(family, problem->family, detail);
        if (left_out)
            explain_left_out(detail, family);
        if (family->reduced)
            verdict = set_theorem(object, problem, family, detail);
        if (left_out && verdict == CAUSTIC_PROVED)
            verdict = CAUSTIC_UNDECIDED;
        caustic_family_clear(family);
    }
    json_object_set_new(object, "verdict", json_verdict(verdict));
    if (detail->length > 0)
        json_object_set_new(object, "detail", json_string(detail->data));
    json_object_set_new(record, "theorem", object);
    caustic_text_clear(detail);
    return verdict;
}
