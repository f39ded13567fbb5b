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
    static const int direction[] = {[CAUSTIC_MONOTONE_NONE] = 0, [CAUSTIC_INCREASING] = 1, [CAUSTIC_DECREASING] = -1, [CAUSTIC_CONSTANT] = CAUSTIC_THEOREM_CONSTANT};
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
        theorem->monotone[k] = direction[claims->monotone[k]];
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

/* The statements about one part of the intervals, and its pieces. */
static caustic_verdict
add_part(json_t ** checks, json_t * pieces, const caustic_case_t problem, const caustic_family_t family, caustic_text_t detail)
{
    caustic_theorem_problem description;
    caustic_theorem_t theorem;
    caustic_verdict verdict;

    describe(&description, problem->family, family);
    caustic_theorem_init(theorem, &description);
    verdict = verdict_of(theorem, family, detail);
    *checks = json_statements(theorem, family);
    for (slong i = 0; i < theorem->pieces && family->complete; i++)
        json_array_append_new(pieces, json_piece(problem, theorem->piece + i));
    caustic_theorem_clear(theorem);
    return verdict;
}

/* and `more`, with its verdict and what it says. */
static void
extend_check(json_t * check, caustic_verdict verdict, const char * between, const char * more)
{
    json_object_set_new(check, "detail", json_sprintf("%s%s%s", text_of(check, "detail"), between, more));
    json_object_set_new(check, "verdict", json_verdict(caustic_verdict_and(caustic_report_outcome(check), verdict)));
}

/* "c in (0, 1]: " before what is said of a part. */
static void
name_part(json_t * checks, const caustic_family_t family)
{
    caustic_text_t text;
    json_t * check;
    size_t i;

    caustic_text_init(text);
    caustic_interval_print(text, family->range + 1);
    json_array_foreach(checks, i, check)
        json_object_set_new(check, "detail", json_sprintf("%s in %s: %s", caustic_expr_name(family->pool, family->symbol[1]), text->data,
            text_of(check, "detail")));
    caustic_text_clear(text);
}

/* Part by part the same claims are decided, in the same order; a part that is not regular has one check of its own. */
static void
merge_checks(json_t * all, const json_t * part)
{
    json_t * check, * same;
    size_t i;

    json_array_foreach(part, i, check)
    {
        same = json_array_get(all, i);
        if (same != NULL && strcmp(text_of(same, "name"), text_of(check, "name")) == 0)
            extend_check(same, caustic_report_outcome(check), "; ", text_of(check, "detail"));
        else
            json_array_append(all, check);
    }
}

/* Where a family is missing ******************************************************************/

/* The limits of T* on both sides of a value that is left out; NULL: the interval ends there. */
typedef struct
{
    caustic_theorem_limit_struct * below;
    caustic_theorem_limit_struct * above;
    int differs; /* the case makes sense there by itself, and T* was not proved to be the limit */
}
gap_struct;

static void
print_limit(caustic_text_t out, const caustic_theorem_limit_t limit, const char * what)
{
    arb_t x;

    arb_init(x);
    if (!limit->known)
        caustic_text_append(out, "a limit that was not decided");
    else if (!limit->shock)
        caustic_text_append(out, "no shock for values near it");
    else if (limit->exact)
    {
        char * text = fmpq_get_str(NULL, 10, limit->lower);

        caustic_text_printf(out, "%s -> %s, exactly", what, text);
        flint_free(text);
    }
    else
    {
        caustic_text_printf(out, "%s -> a number between ", what);
        arb_set_fmpq(x, limit->lower, 128);
        caustic_print_lower(out, x, PIECE_DIGITS);
        caustic_text_append(out, " and ");
        arb_set_fmpq(x, limit->upper, 128);
        caustic_print_upper(out, x, PIECE_DIGITS);
    }
    arb_clear(x);
}

static json_t *
json_limit(const caustic_theorem_limit_t limit, const char * side, const char * what)
{
    json_t * object = json_pack("{s:s}", "from", side);
    caustic_text_t text;

    caustic_text_init(text);
    print_limit(text, limit, what);
    if (limit->known && !limit->shock)
        json_object_set_new(object, "shock", json_false());
    else if (limit->known)
    {
        json_object_set_new(object, "lower", json_fmpq(limit->lower));
        json_object_set_new(object, "upper", json_fmpq(limit->upper));
    }
    json_object_set_new(object, "detail", json_string(text->data));
    caustic_text_clear(text);
    return object;
}

/* T* has one limit: from both sides the same. */
static int
is_continuous(const gap_struct * gap)
{
    const caustic_theorem_limit_struct * a = gap->below, * b = gap->above;

    return a == NULL || b == NULL
        || (a->known && b->known && a->shock == b->shock && (!a->shock || (a->exact && b->exact && fmpq_equal(a->lower, b->lower))));
}

/* What a check of all other values says of this one, T* being the limit here. */
static caustic_verdict
verdict_at_gap(const gap_struct * gap, const char * name)
{
    caustic_verdict verdict = is_continuous(gap) ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
    const caustic_theorem_limit_struct * side[2] = {gap->below, gap->above};

    for (int i = 0; i < 2; i++)
        if (side[i] != NULL && strcmp(name, "no_shock_iff") == 0)
            verdict = caustic_verdict_and(verdict, side[i]->threshold);
        else if (side[i] != NULL && strcmp(name, "shock_time") == 0)
            verdict = caustic_verdict_and(verdict, side[i]->formula);
        else if (side[i] != NULL && strcmp(name, "no_shock") == 0)
            verdict = caustic_verdict_and(verdict, side[i]->known && !side[i]->shock ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED);
    /* no characteristic starts where there is no metric */
    return strcmp(name, "shock_at") == 0 || gap->differs ? CAUSTIC_UNDECIDED : verdict;
}

static void
add_gap(json_t * object, json_t * checks, const caustic_families_t families, slong k, const gap_struct * gap)
{
    const caustic_family_struct * family = families->family;
    const char * name = caustic_expr_name(family->pool, family->symbol[1]);
    const char * what = family->complete ? "T*" : "-1/inf h"; /* [SHOCK-15] */
    char * value = fmpq_get_str(NULL, 10, families->gap + k);
    json_t * left_out = json_object_get(object, "left_out"), * limits = json_array(), * check;
    caustic_text_t text;
    size_t i;

    caustic_text_init(text);
    json_array_foreach(checks, i, check)
    {
        caustic_verdict verdict = verdict_at_gap(gap, text_of(check, "name"));

        caustic_text_reset(text);
        caustic_text_printf(text, "at %s = %s, of the limit: %s%s", name, value, caustic_verdict_name(verdict),
            gap->differs ? " (the case makes sense there, and T* may be another)" : "");
        extend_check(check, verdict, "; ", text->data);
    }
    if (gap->below != NULL)
        json_array_append_new(limits, json_limit(gap->below, "below", what));
    if (gap->above != NULL)
        json_array_append_new(limits, json_limit(gap->above, "above", what));
    json_array_append_new(left_out, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "value", value, "why", families->why, "limits", limits));
    caustic_text_clear(text);
    flint_free(value);
}

/* Finitely many values are left out, and T* there is its limit. */
static void
add_gaps(json_t * object, json_t * checks, const caustic_case_t problem, const caustic_families_t families)
{
    slong part = 0;

    if (families->gaps > 0)
        json_object_set_new(object, "left_out", json_array());
    for (slong k = 0; k < families->gaps; k++)
    {
        caustic_theorem_limit_t limit[2];
        caustic_theorem_problem description;
        gap_struct gap = {NULL, NULL, 0};
        int sensible = families->gap_cometric[k] != CAUSTIC_NONE && families->gap_loss[k] != CAUSTIC_NONE;

        if (part < families->length && fmpq_equal(families->family[part].range[1].upper, families->gap + k))
        {
            describe(&description, problem->family, families->family + part++);
            caustic_theorem_limit_init(limit[0], &description, 1);
            gap.below = limit[0];
            gap.differs |= sensible && !caustic_theorem_limit_is_value(limit[0], &description, families->gap_cometric[k], families->gap_loss[k]);
        }
        if (part < families->length)
        {
            describe(&description, problem->family, families->family + part);
            caustic_theorem_limit_init(limit[1], &description, 0);
            gap.above = limit[1];
            gap.differs |= sensible && !caustic_theorem_limit_is_value(limit[1], &description, families->gap_cometric[k], families->gap_loss[k]);
        }
        add_gap(object, checks, families, k, &gap);
        if (gap.below != NULL)
            caustic_theorem_limit_clear(gap.below);
        if (gap.above != NULL)
            caustic_theorem_limit_clear(gap.above);
    }
}

static caustic_verdict
set_theorem(json_t * object, const caustic_case_t problem, const caustic_families_t families, caustic_text_t detail)
{
    json_t * pieces = json_array(), * all = NULL, * checks, * check;
    caustic_verdict verdict = CAUSTIC_PROVED;
    size_t i;

    for (slong k = 0; k < families->length; k++)
    {
        verdict = caustic_verdict_and(verdict, add_part(&checks, pieces, problem, families->family + k, detail));
        if (families->gaps > 0)
            name_part(checks, families->family + k);
        if (all == NULL)
            all = json_incref(checks);
        else
            merge_checks(all, checks);
        json_decref(checks);
    }
    add_gaps(object, all, problem, families);
    json_array_foreach(all, i, check)
        verdict = caustic_verdict_and(verdict, caustic_report_outcome(check));
    json_object_set_new(object, "checks", all);
    if (json_array_size(pieces) > 0)
        json_object_set(object, "enclosures", pieces);
    json_decref(pieces);
    return verdict;
}

static void
open_families(caustic_families_t families, const caustic_case_t family_case)
{
    caustic_expr symbol[CAUSTIC_FAMILY_PARAMETERS];
    caustic_interval_struct range[CAUSTIC_FAMILY_PARAMETERS];

    for (slong k = 0; k < family_case->parameters_on; k++)
    {
        symbol[k] = family_case->parameter_on[k].symbol;
        range[k] = *family_case->parameter_on[k].interval; /* shares the ends, which are only read */
    }
    caustic_families_init(families, family_case->setting, symbol, range, family_case->parameters_on);
}

caustic_verdict
record_theorem(json_t * record, const caustic_case_t problem)
{
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    caustic_families_t families;
    caustic_text_t detail;
    json_t * object;

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
        open_families(families, problem->family);
        if (families->length > 0)
            verdict = set_theorem(object, problem, families, detail);
        else
            caustic_text_append(detail, families->why);
        caustic_families_clear(families);
    }
    json_object_set_new(object, "verdict", json_verdict(verdict));
    if (detail->length > 0)
        json_object_set_new(object, "detail", json_string(detail->data));
    json_object_set_new(record, "theorem", object);
    caustic_text_clear(detail);
    return verdict;
}
