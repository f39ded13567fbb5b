/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The loss and what a case asks of it: normal form, optimiser, verify, shock, claims, expect.
*/

#include <string.h>
#include "case_internal.h"

#define LENGTH(array) ((slong) (sizeof(array) / sizeof((array)[0])))

/* The loss ***********************************************************************************/

/* Whether every symbol of e is marked; otherwise one that is not. */
static caustic_expr
first_unmarked(const caustic_expr * symbols, slong length, const char * marks, caustic_expr marks_length)
{
    slong i;

    for (i = 0; i < length; i++)
    {
        if (symbols[i] >= marks_length || !marks[symbols[i]])
        {
            return symbols[i];
        }
    }
    return CAUSTIC_NONE;
}

/* The first symbol of a list that is not in a set. */
static caustic_expr
first_outside(const caustic_expr * symbols, slong length, const caustic_expr * set, slong set_length)
{
    caustic_expr largest = 0;
    caustic_expr outside;
    char * marks;
    slong i;

    for (i = 0; i < set_length; i++)
    {
        largest = set[i] > largest ? set[i] : largest;
    }
    marks = flint_calloc((size_t) largest + 1, 1);
    for (i = 0; i < set_length; i++)
    {
        marks[set[i]] = 1;
    }
    outside = first_unmarked(symbols, length, marks, largest + 1);
    flint_free(marks);
    return outside;
}

/* Whether e is -2k with a positive integer k that is not too large for an exponent. */
static int
is_minus_two_times(slong * k, const caustic_pool * pool, caustic_expr e)
{
    const fmpq * number = caustic_expr_op(pool, e) == CAUSTIC_OP_NUMBER ? caustic_expr_fmpq(pool, e) : NULL;

    if (number == NULL || !fmpz_is_one(fmpq_denref(number)) || fmpz_sgn(fmpq_numref(number)) >= 0
        || fmpz_is_odd(fmpq_numref(number)) || fmpz_cmp_si(fmpq_numref(number), -2000) < 0)
    {
        return 0;
    }
    *k = -fmpz_get_si(fmpq_numref(number)) / 2;
    return 1;
}

/* p of -2 nu log p, where log(q^k) was made k log(q) on reading q^k; CAUSTIC_NONE for any other expression. */
static caustic_expr
density_of(caustic_pool * pool, caustic_expr loss, caustic_expr nu)
{
    caustic_expr density = CAUSTIC_NONE;
    slong power = 0;
    int factors = 0;
    slong i;

    if (caustic_expr_op(pool, loss) != CAUSTIC_OP_PRODUCT || caustic_expr_arity(pool, loss) != 3)
    {
        return CAUSTIC_NONE;
    }
    for (i = 0; i < 3; i++)
    {
        caustic_expr factor = caustic_expr_child(pool, loss, i);

        if (factor == nu)
        {
            factors++;
        }
        else if (is_minus_two_times(&power, pool, factor))
        {
            factors++;
        }
        else if (caustic_expr_op(pool, factor) == CAUSTIC_OP_LOG && !caustic_expr_depends(pool, factor, nu))
        {
            density = caustic_expr_child(pool, factor, 0);
        }
    }
    return factors == 2 && density != CAUSTIC_NONE ? caustic_power_si(pool, density, power) : CAUSTIC_NONE;
}

/* A loss may have nu in it in one way only: -2 nu log p, with p the initial density exp(-loss/(2 nu)). */
static caustic_result
take_density(loader_t loader, slong node)
{
    caustic_setting_struct * setting = loader->result->setting;
    caustic_pool * pool = loader->result->pool;
    caustic_expr nu = caustic_symbol(pool, "nu");
    slong line, column;

    if (!caustic_expr_depends(pool, setting->loss, nu))
    {
        return CAUSTIC_OK;
    }
    setting->density = density_of(pool, setting->loss, nu);
    if (setting->density != CAUSTIC_NONE)
    {
        return CAUSTIC_OK;
    }
    if (!caustic_loader_find_name(&line, &column, loader, node, "nu"))
    {
        line = loader->tree->nodes[node].line;
        column = loader->tree->nodes[node].column;
    }
    return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, line, column,
        "a loss with nu must be -2*nu*log(p) with p free of nu, for the normal form spectral");
}

/* Whether a symbol is a constant that was to stay one: neither a parameter nor a coordinate. */
static int
is_free_constant(const loader_t loader, caustic_expr symbol)
{
    const char * name = caustic_expr_name(loader->result->pool, symbol);
    slong i;

    for (i = 0; i < loader->as_length; i++)
    {
        if (loader->as[i].value == NULL && strcmp(loader->as[i].name, name) == 0)
        {
            return 1;
        }
    }
    return 0;
}

static slong
leave_out_constants(caustic_expr * symbols, slong length, const loader_t loader)
{
    slong i, kept = 0;

    for (i = 0; i < length; i++)
    {
        if (!is_free_constant(loader, symbols[i]))
        {
            symbols[kept++] = symbols[i];
        }
    }
    return kept;
}

/* Which of the two kinds of variables the loss is written in. */
static caustic_result
classify_loss(loader_t loader, slong node)
{
    caustic_setting_struct * setting = loader->result->setting;
    caustic_pool * pool = loader->result->pool;
    caustic_expr * symbols;
    slong length = caustic_expr_symbols(&symbols, pool, setting->density != CAUSTIC_NONE ? setting->density : setting->loss);
    caustic_expr no_coordinate, no_parameter;
    caustic_result result = CAUSTIC_OK;

    length = leave_out_constants(symbols, length, loader);
    no_coordinate = first_outside(symbols, length, setting->coordinate, setting->coordinates);
    no_parameter = first_outside(symbols, length, setting->parameter, setting->parameters);
    setting->loss_in_parameters = no_coordinate != CAUSTIC_NONE;
    if (no_coordinate != CAUSTIC_NONE && no_parameter != CAUSTIC_NONE)
    {
        slong line, column;

        caustic_loader_find_name(&line, &column, loader, node, caustic_expr_name(pool, no_coordinate));
        result = caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, line, column,
            "the loss mixes the parameter '%s' with the coordinate '%s'; write it in the one or in the other",
            caustic_expr_name(pool, no_coordinate), caustic_expr_name(pool, no_parameter));
    }
    flint_free(symbols);
    return result;
}

caustic_result
caustic_loader_loss(loader_t loader)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong node = loader->top[CASE_LOSS];

    if (loader->top[CASE_NETWORK] >= 0)
    {
        if (node >= 0)
        {
            return FAIL(loader, node, "the network has its own objective; leave out the loss or the network");
        }
        TRY(caustic_loader_network(loader));
        return classify_loss(loader, loader->network[NETWORK_OBJECTIVE]);
    }
    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    if (setting->copies > 1 || setting->spheres > 0)
    {
        return FAIL(loader, node, "the preset is too large to be written out, so there are no coordinates that a loss"
            " could be written in; leave out the loss, or make the preset smaller");
    }
    loader->everything.data = loader->has_data ? &loader->data : NULL;
    TRY(caustic_loader_expression(&setting->loss, loader, node, &loader->everything, "the loss"));
    TRY(take_density(loader, node));
    return classify_loss(loader, node);
}

/* Normal form and optimiser ******************************************************************/

/* A list of expressions in a scope, as many as it has. */
static caustic_result
expression_list(caustic_expr ** entries, slong * length, loader_t loader, slong list, const name_list * names,
    const char * what)
{
    slong node, i = 0;

    TRY(caustic_loader_sequence(loader, list, "a list of expressions"));
    *length = loader->tree->nodes[list].children;
    *entries = flint_calloc((size_t) *length + 1, sizeof(caustic_expr));
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        TRY(caustic_loader_expression(*entries + i, loader, node, names, what));
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_normal_form(loader_t loader)
{
    static const char * const kinds[] = {"euclidean", "torus", "cylinder", "sphere", "bessel", "spectral", "product"};
    caustic_case_struct * result = loader->result;
    slong node = loader->top[CASE_NORMAL_FORM];
    slong value[SCHEMA_KEYS];
    slong kind;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_NORMAL_FORM));
    TRY(caustic_loader_required(loader, node, BLOCK_NORMAL_FORM, value, NORMAL_FORM_KIND));
    TRY(caustic_loader_word(&kind, loader, value[NORMAL_FORM_KIND], kinds, LENGTH(kinds)));
    result->normal_form_kind = caustic_string_copy(kinds[kind]);
    if (value[NORMAL_FORM_MAP] < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(expression_list(&result->normal_form_map, &result->normal_form_maps, loader, value[NORMAL_FORM_MAP], &loader->coordinates,
        "a map of the normal form"));
    /* One map of several coordinates: a loss that depends on one flat coordinate alone. */
    if ((kind == 0 && result->normal_form_maps != 1) || kind == 1 || kind == 2)
    {
        TRY(caustic_loader_sequence_of(loader, value[NORMAL_FORM_MAP], result->setting->coordinates, "expressions",
            "one for each coordinate of the quotient"));
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_optimiser(loader_t loader)
{
    caustic_case_struct * result = loader->result;
    slong node = loader->top[CASE_OPTIMISER];
    slong n = result->setting->parameters;
    slong value[SCHEMA_KEYS];
    const tree_node * metric;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_OPTIMISER));
    TRY(caustic_loader_required(loader, node, BLOCK_OPTIMISER, value, OPTIMISER_METRIC));
    metric = loader->tree->nodes + value[OPTIMISER_METRIC];
    if (metric->kind == TREE_SCALAR && strcmp(caustic_loader_text(loader, value[OPTIMISER_METRIC]), "euclidean") == 0)
    {
        return CAUSTIC_OK;
    }
    result->optimiser_metric = flint_calloc((size_t) n * (size_t) n, sizeof(caustic_expr));
    if (metric->kind == TREE_SCALAR && strcmp(caustic_loader_text(loader, value[OPTIMISER_METRIC]), "invariant") == 0)
    {
        memcpy(result->optimiser_metric, result->setting->inverse_metric, (size_t) n * (size_t) n * sizeof(caustic_expr));
        return CAUSTIC_OK;
    }
    return caustic_loader_metric(result->optimiser_metric, loader, value[OPTIMISER_METRIC]);
}

/* Audit **************************************************************************************/

/* A number for all charges of a leaf, or a list with a number for each. */
static caustic_result
read_leaf(caustic_audit_block * audit, slong * filled, loader_t loader, slong node)
{
    static const char * const what = "the value of a charge";
    const tree_node * leaf = loader->tree->nodes + node;
    slong entry = node;

    audit->length[audit->leaves] = 0;
    if (leaf->kind == TREE_SEQUENCE)
    {
        if (leaf->children == 0)
        {
            return FAIL(loader, node, "expected a number for each charge of the leaf, found an empty list");
        }
        audit->length[audit->leaves] = leaf->children;
        entry = leaf->first;
    }
    audit->leaves++;
    for (slong i = 0; i < FLINT_MAX(audit->length[audit->leaves - 1], 1); i++)
    {
        TRY(caustic_loader_expression(audit->value + (*filled)++, loader, entry, &loader->constants, what));
        entry = loader->tree->nodes[entry].next;
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_audit(loader_t loader)
{
    caustic_audit_block * audit = &loader->result->audit;
    slong node = loader->top[CASE_AUDIT];
    slong value[SCHEMA_KEYS];
    slong list, length = 0, filled = 0;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_AUDIT));
    TRY(caustic_loader_required(loader, node, BLOCK_AUDIT, value, AUDIT_CHARGES));
    list = value[AUDIT_CHARGES];
    TRY(caustic_loader_sequence(loader, list, "a list of leaves, each the value of the charges such as \"1/10\""));
    if (loader->tree->nodes[list].children == 0)
    {
        return FAIL(loader, list, "expected at least one leaf, found an empty list");
    }
    for (slong leaf = loader->tree->nodes[list].first; leaf >= 0; leaf = loader->tree->nodes[leaf].next)
    {
        length += FLINT_MAX(loader->tree->nodes[leaf].children, 1);
    }
    audit->length = flint_calloc((size_t) loader->tree->nodes[list].children, sizeof(slong));
    audit->value = flint_calloc((size_t) length, sizeof(caustic_expr));
    for (slong leaf = loader->tree->nodes[list].first; leaf >= 0; leaf = loader->tree->nodes[leaf].next)
    {
        TRY(read_leaf(audit, &filled, loader, leaf));
    }
    return CAUSTIC_OK;
}

/* Boxes **************************************************************************************/

/* Whether one end of a box lies within the domain's end on the same side. */
static caustic_result
end_in_domain(loader_t loader, slong node, const caustic_interval_t box, const caustic_interval_t domain, int upper,
    const char * name, const char * what)
{
    int box_infinite = upper ? box->upper_infinite : box->lower_infinite;
    int domain_infinite = upper ? domain->upper_infinite : domain->lower_infinite;
    int domain_closed = upper ? domain->upper_closed : domain->lower_closed;
    const char * side = upper ? "upper" : "lower";
    caustic_text_t text;
    caustic_result result = CAUSTIC_OK;
    int order = -1;

    if (domain_infinite)
    {
        return CAUSTIC_OK;
    }
    if (!box_infinite)
    {
        order = upper ? fmpq_cmp(domain->upper, box->upper) : fmpq_cmp(box->lower, domain->lower);
    }
    if (order > 0 || (order == 0 && domain_closed))
    {
        return CAUSTIC_OK;
    }

    caustic_text_init(text);
    caustic_interval_print(text, domain);
    if (order == 0)
    {
        result = FAIL(loader, node, "the %s end of %s for '%s' is an open end of its domain %s; the end must lie inside",
            side, what, name, text->data);
    }
    else
    {
        result = FAIL(loader, node, "the %s end of %s for '%s' is outside its domain %s", side, what, name, text->data);
    }
    caustic_text_clear(text);
    return result;
}

/* d pairs, each inside its coordinate's domain. */
static caustic_result
read_box(caustic_interval_struct ** box, loader_t loader, slong list, int infinite, const char * what)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong d = setting->coordinates;
    slong node, i;

    *box = flint_malloc((size_t) d * sizeof(caustic_interval_struct));
    for (i = 0; i < d; i++)
    {
        caustic_interval_init(*box + i);
    }
    TRY(caustic_loader_sequence_of(loader, list, d, "pairs [lower, upper]", "one for each coordinate of the quotient"));
    i = 0;
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        const char * name = caustic_expr_name(loader->result->pool, setting->coordinate[i]);

        TRY(caustic_loader_pair(*box + i, loader, node, infinite, what));
        TRY(end_in_domain(loader, loader->tree->nodes[node].first, *box + i, setting->coordinate_domain + i, 0, name, what));
        TRY(end_in_domain(loader, loader->tree->nodes[node].last, *box + i, setting->coordinate_domain + i, 1, name, what));
    }
    return CAUSTIC_OK;
}

/* Verify *************************************************************************************/

static caustic_result
positive_rational(fmpq_t result, loader_t loader, slong node, const char * what)
{
    TRY(caustic_loader_rational(result, loader, node, what));
    if (fmpq_sgn(result) <= 0)
    {
        return FAIL(loader, node, "expected a positive number for %s, found %s", what, caustic_loader_found(loader, node));
    }
    return CAUSTIC_OK;
}

/* A list of positive numbers, one or more; `what` one of them is, and the list how it looks. */
static caustic_result
positive_list(fmpq ** numbers, slong * length, loader_t loader, slong list, const char * what, const char * looks)
{
    slong node, i;
    slong children = loader->tree->nodes[list].children;

    TRY(caustic_loader_sequence(loader, list, looks));
    if (children == 0)
    {
        return FAIL(loader, list, "expected %s, found an empty list", looks);
    }
    *numbers = flint_malloc((size_t) children * sizeof(fmpq));
    for (i = 0; i < children; i++)
    {
        fmpq_init(*numbers + i);
    }
    *length = children;
    i = 0;
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        TRY(positive_rational(*numbers + i, loader, node, what));
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_verify(loader_t loader)
{
    caustic_verify_block * verify = &loader->result->verify;
    slong node = loader->top[CASE_VERIFY];
    slong value[SCHEMA_KEYS];
    slong key;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_VERIFY));
    for (key = VERIFY_VISCOSITY; key <= VERIFY_TIME; key++)
    {
        TRY(caustic_loader_required(loader, node, BLOCK_VERIFY, value, key));
    }
    TRY(positive_list(&verify->viscosity, &verify->viscosities, loader, value[VERIFY_VISCOSITY], "the viscosity",
        "a list of viscosities such as [\"1/20\"]"));
    TRY(read_box(&verify->box, loader, value[VERIFY_BOX], 0, "the box of verify"));
    TRY(caustic_loader_pair(verify->time, loader, value[VERIFY_TIME], 0, "the time"));
    if (fmpq_sgn(verify->time->lower) <= 0)
    {
        return FAIL(loader, loader->tree->nodes[value[VERIFY_TIME]].first,
            "the time must begin after 0, where the solution is the loss itself");
    }
    if (value[VERIFY_TOLERANCE] >= 0)
    {
        TRY(positive_rational(verify->tolerance, loader, value[VERIFY_TOLERANCE], "the tolerance"));
    }
    verify->present = 1;
    return CAUSTIC_OK;
}

/* Shock **************************************************************************************/

static caustic_result
read_ray(caustic_shock_block * shock, loader_t loader, slong list)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong node, i;

    shock->from = flint_malloc((size_t) setting->coordinates * sizeof(fmpq));
    for (i = 0; i < setting->coordinates; i++)
    {
        fmpq_init(shock->from + i);
    }
    TRY(caustic_loader_sequence_of(loader, list, setting->coordinates, "numbers", "one for each coordinate of the quotient"));
    i = 0;
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        TRY(caustic_loader_rational(shock->from + i, loader, node, "where the ray starts"));
        if (!caustic_interval_contains_fmpq(setting->coordinate_domain + i, shock->from + i))
        {
            return FAIL(loader, node, "the ray starts outside the domain of the coordinate '%s'",
                caustic_expr_name(loader->result->pool, setting->coordinate[i]));
        }
    }
    return CAUSTIC_OK;
}

/* Of the quotient, in the box. */
static caustic_result
read_points(caustic_shock_block * shock, loader_t loader, slong list)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong d = setting->coordinates, length = 0;

    if (shock->scope != CAUSTIC_SCOPE_GLOBAL || d < 2)
    {
        return FAIL(loader, list, "points are for shocks of scope global in several coordinates; leave them out");
    }
    if (loader->tree->nodes[list].kind != TREE_SEQUENCE)
    {
        return FAIL(loader, list, "expected a list of points such as [[\"0\", \"1/2\"]], found %s", caustic_loader_found(loader, list));
    }
    for (slong node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        length++;
    }
    shock->point = flint_malloc((size_t) FLINT_MAX(length * d, 1) * sizeof(fmpq));
    for (slong node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        slong k = 0;

        TRY(caustic_loader_sequence_of(loader, node, d, "numbers", "one for each coordinate of the quotient"));
        for (k = 0; k < d; k++)
        {
            fmpq_init(shock->point + shock->points * d + k);
        }
        shock->points++;
        k = 0;
        for (slong entry = loader->tree->nodes[node].first; entry >= 0; entry = loader->tree->nodes[entry].next, k++)
        {
            fmpq * x = shock->point + (shock->points - 1) * d + k;

            TRY(caustic_loader_rational(x, loader, entry, "a coordinate of the point"));
            if (!caustic_interval_contains_fmpq(setting->coordinate_domain + k, x) || !caustic_interval_contains_fmpq(shock->box + k, x))
            {
                return FAIL(loader, entry, "the point is outside the box or the domain of the coordinate '%s'",
                    caustic_expr_name(loader->result->pool, setting->coordinate[k]));
            }
        }
    }
    return CAUSTIC_OK;
}

static caustic_result
read_times_after(caustic_shock_block * shock, loader_t loader, slong list)
{
    slong node = loader->tree->nodes[list].first;

    TRY(positive_list(&shock->time, &shock->times, loader, list, "the time", "a list of times such as [\"2\", \"3\"]"));
    for (slong i = 1; i < shock->times; i++)
    {
        node = loader->tree->nodes[node].next;
        if (fmpq_cmp(shock->time + i - 1, shock->time + i) >= 0)
        {
            return FAIL(loader, node, "expected times that increase, found %s behind one that is not smaller", caustic_loader_found(loader, node));
        }
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_shock(loader_t loader)
{
    static const char * const scopes[] = {"global", "local", "ray"};
    caustic_shock_block * shock = &loader->result->shock;
    slong node = loader->top[CASE_SHOCK];
    slong value[SCHEMA_KEYS];
    slong scope = 0;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    if (loader->result->setting->density != CAUSTIC_NONE)
    {
        return FAIL(loader, node, "a loss with nu has no shock time: without viscosity it is 0; leave out shock, or nu");
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_SHOCK));
    if (value[SHOCK_DIGITS] >= 0)
    {
        TRY(caustic_loader_integer(&shock->digits, loader, value[SHOCK_DIGITS], 1, 100000, "digits"));
    }
    if (value[SHOCK_SCOPE] >= 0)
    {
        TRY(caustic_loader_word(&scope, loader, value[SHOCK_SCOPE], scopes, LENGTH(scopes)));
    }
    shock->scope = scope == 0 ? CAUSTIC_SCOPE_GLOBAL : scope == 1 ? CAUSTIC_SCOPE_LOCAL : CAUSTIC_SCOPE_RAY;
    if (shock->scope == CAUSTIC_SCOPE_RAY && value[SHOCK_FROM] < 0)
    {
        return FAIL(loader, value[SHOCK_SCOPE], "the scope ray needs the key from: the coordinates where the ray starts");
    }
    if (shock->scope != CAUSTIC_SCOPE_RAY && value[SHOCK_FROM] >= 0)
    {
        return FAIL(loader, value[SHOCK_FROM], "the key from belongs to scope: ray; leave it out or set the scope");
    }
    if (shock->scope != CAUSTIC_SCOPE_RAY) /* a ray is one point: it needs no box */
    {
        TRY(caustic_loader_required(loader, node, BLOCK_SHOCK, value, SHOCK_BOX));
    }
    if (value[SHOCK_BOX] >= 0)
    {
        TRY(read_box(&shock->box, loader, value[SHOCK_BOX], 1, "the box of shock"));
    }
    if (value[SHOCK_POINTS] >= 0)
    {
        TRY(read_points(shock, loader, value[SHOCK_POINTS]));
    }
    if (value[SHOCK_FROM] >= 0)
    {
        TRY(read_ray(shock, loader, value[SHOCK_FROM]));
    }
    if (value[SHOCK_VISCOUS] >= 0)
    {
        TRY(positive_list(&shock->viscosity, &shock->viscosities, loader, value[SHOCK_VISCOUS], "the viscosity",
            "a list of viscosities such as [\"1e-4\", \"1e-6\"]"));
    }
    if (value[SHOCK_AFTER] >= 0)
    {
        TRY(read_times_after(shock, loader, value[SHOCK_AFTER]));
    }
    if (value[SHOCK_PROFILE] >= 0)
    {
        TRY(positive_list(&shock->profile, &shock->profiles, loader, value[SHOCK_PROFILE], "the viscosity of the profile",
            "a list of viscosities such as [\"1/100\", \"1/1000\"]"));
    }
    if (value[SHOCK_PEAK] >= 0)
    {
        shock->peak = flint_malloc(sizeof(fmpq));
        fmpq_init(shock->peak);
        TRY(positive_rational(shock->peak, loader, value[SHOCK_PEAK], "the viscosity of the peak"));
    }
    shock->present = 1;
    return CAUSTIC_OK;
}

/* Claims *************************************************************************************/

/* The index of the coordinate that a piece of a derivative's name stands for, -1 for none. */
static slong
coordinate_index(const loader_t loader, const char * name, size_t length)
{
    const caustic_setting_struct * setting = loader->result->setting;
    slong i;

    for (i = 0; i < setting->coordinates; i++)
    {
        const char * coordinate = caustic_expr_name(loader->result->pool, setting->coordinate[i]);

        if (strlen(coordinate) == length && memcmp(coordinate, name, length) == 0)
        {
            return i;
        }
    }
    return -1;
}

#define PIECES 4

/* Splits u_z_z at its underscores; 0 where there are more pieces than any derivative has. */
static slong
split_name(size_t * start, size_t * length, const char * name, size_t total)
{
    slong pieces = 0;
    size_t i, from = 0;

    for (i = 0; i <= total; i++)
    {
        if (i == total || name[i] == '_')
        {
            if (pieces == PIECES)
            {
                return 0;
            }
            start[pieces] = from;
            length[pieces] = i - from;
            pieces++;
            from = i + 1;
        }
    }
    return pieces;
}

/* The derivative that a name stands for: u_t, u_z, u_z_w, and with `vector` v_z, v_z_t, v_z_w,
   v_z_w_x. Second derivatives commute, so the later indices are put in the coordinates' order and
   u_w_z is the same symbol as u_z_w. CAUSTIC_NONE: no such derivative. */
static caustic_expr
derivative_symbol(const loader_t loader, const char * name, size_t total, int vector)
{
    size_t start[PIECES], length[PIECES];
    slong index[PIECES];
    slong pieces = split_name(start, length, name, total);
    slong first = vector ? 2 : 1; /* where the derivatives begin */
    slong i;
    int time;
    caustic_text_t text;
    caustic_expr symbol;

    if (pieces < 2 || pieces > first + 2 || length[0] != 1 || name[0] != (vector ? 'v' : 'u'))
    {
        return CAUSTIC_NONE;
    }
    time = pieces == first + 1 && length[first] == 1 && name[start[first]] == 't';
    for (i = 1; i < pieces; i++)
    {
        index[i] = coordinate_index(loader, name + start[i], length[i]);
        if (index[i] < 0 && !(time && i == first))
        {
            return CAUSTIC_NONE;
        }
    }
    if (pieces == first + 2 && index[first] > index[first + 1])
    {
        FLINT_SWAP(size_t, start[first], start[first + 1]);
        FLINT_SWAP(size_t, length[first], length[first + 1]);
    }
    caustic_text_init(text);
    caustic_text_append(text, vector ? "v" : "u");
    for (i = 1; i < pieces; i++)
    {
        caustic_text_append(text, "_");
        caustic_text_append_length(text, name + start[i], length[i]);
    }
    symbol = caustic_symbol(loader->result->pool, text->data);
    caustic_text_clear(text);
    return symbol;
}

static size_t
identifier_length(const char * text)
{
    size_t length = 0;

    while ((text[length] >= 'a' && text[length] <= 'z') || (text[length] >= 'A' && text[length] <= 'Z')
        || (length > 0 && ((text[length] >= '0' && text[length] <= '9') || text[length] == '_')))
    {
        length++;
    }
    return length;
}

/* Adds a derivative to the names that an equation may use, once; the copy of its name is freed with
   them. */
static caustic_result
declare_derivative(name_list * names, loader_t loader, slong node, size_t at, size_t length, int vector)
{
    const char * example = caustic_expr_name(loader->result->pool, loader->result->setting->coordinate[0]);
    const char * text = caustic_loader_text(loader, node) + at;
    caustic_expr symbol = derivative_symbol(loader, text, length, vector);
    char * name = flint_malloc(length + 1);
    slong line, column;

    memcpy(name, text, length);
    name[length] = 0;
    if (symbol != CAUSTIC_NONE)
    {
        if (caustic_names_find(names, name, length) < 0)
        {
            caustic_names_add(names, name, symbol);
        }
        else
        {
            flint_free(name);
        }
        return CAUSTIC_OK;
    }
    caustic_tree_locate(&line, &column, loader->tree, node, at);
    if (vector)
    {
        caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, line, column,
            "'%s' is no derivative here; expected v_%s, v_%s_t, v_%s_%s or v_%s_%s_%s with the quotient's coordinates",
            caustic_loader_quote(loader, name), example, example, example, example, example, example, example);
    }
    else
    {
        caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, line, column,
            "'%s' is no derivative here; expected u_t, u_%s or u_%s_%s with the quotient's coordinates",
            caustic_loader_quote(loader, name), example, example, example);
    }
    flint_free(name);
    return CAUSTIC_BAD_INPUT;
}

/* All derivatives that an equation uses. */
static caustic_result
declare_derivatives(name_list * names, loader_t loader, slong node, int vector)
{
    const char * text = caustic_loader_text(loader, node);
    size_t i = 0;

    while (text[i] != 0)
    {
        size_t length = identifier_length(text + i);

        if (length > 0 && memchr(text + i, '_', length) != NULL)
        {
            TRY(declare_derivative(names, loader, node, i, length, vector));
        }
        i += length > 0 ? length : 1;
    }
    return CAUSTIC_OK;
}

/* An equation between the derivatives of u, or of v. */
static caustic_result
claimed_equation(caustic_expr * left, caustic_expr * right, loader_t loader, slong node, int vector)
{
    name_list names;
    caustic_result result;
    slong i, own;

    TRY(caustic_loader_scalar(loader, node, vector ? "an equation such as \"v_z_t + ... = ...\""
        : "an equation such as \"u_t + ... = ...\""));
    memset(&names, 0, sizeof(names));
    names.derivatives = 1;
    for (i = 0; i < loader->coordinates.length; i++)
    {
        caustic_names_add(&names, loader->coordinates.names[i].name, loader->coordinates.names[i].value);
    }
    caustic_names_add(&names, "nu", caustic_symbol(loader->result->pool, "nu"));
    own = names.length;
    result = declare_derivatives(&names, loader, node, vector);
    if (result == CAUSTIC_OK)
    {
        result = caustic_loader_equation(left, right, loader, node, &names, "a claim");
    }
    for (i = own; i < names.length; i++)
    {
        flint_free((char *) names.names[i].name);
    }
    caustic_names_clear(&names);
    return result;
}

static caustic_result
claimed_burgers(loader_t loader, slong list)
{
    caustic_claims_block * claims = &loader->result->claims;
    slong d = loader->result->setting->coordinates;
    slong node, i = 0;

    TRY(caustic_loader_sequence_of(loader, list, d, "equations", "one for each coordinate of the quotient"));
    claims->burgers_left = flint_calloc((size_t) d, sizeof(caustic_expr));
    claims->burgers_right = flint_calloc((size_t) d, sizeof(caustic_expr));
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        TRY(claimed_equation(claims->burgers_left + i, claims->burgers_right + i, loader, node, 1));
    }
    claims->burgers = d;
    return CAUSTIC_OK;
}

static caustic_result
claimed_cometric(loader_t loader, slong list)
{
    caustic_claims_block * claims = &loader->result->claims;
    slong d = loader->result->setting->coordinates;
    slong row, node, i = 0;

    TRY(caustic_loader_sequence_of(loader, list, d, "rows", "one for each coordinate of the quotient"));
    claims->cometric = flint_calloc((size_t) d * (size_t) d, sizeof(caustic_expr));
    for (row = loader->tree->nodes[list].first; row >= 0; row = loader->tree->nodes[row].next)
    {
        TRY(caustic_loader_sequence_of(loader, row, d, "expressions", "one for each coordinate of the quotient"));
        for (node = loader->tree->nodes[row].first; node >= 0; node = loader->tree->nodes[node].next, i++)
        {
            TRY(caustic_loader_expression(claims->cometric + i, loader, node, &loader->coordinates, "an entry of the cometric"));
        }
    }
    return CAUSTIC_OK;
}

/* d expressions in a scope. */
static caustic_result
claimed_list(caustic_expr ** entries, loader_t loader, slong list, const name_list * names, const char * what)
{
    slong length;

    TRY(caustic_loader_sequence_of(loader, list, loader->result->setting->coordinates, "expressions",
        "one for each coordinate of the quotient"));
    return expression_list(entries, &length, loader, list, names, what);
}

static caustic_result
claimed_shock_time(loader_t loader, slong node)
{
    caustic_claims_block * claims = &loader->result->claims;
    const char * text;

    TRY(caustic_loader_scalar(loader, node, "a constant expression, or none, for the shock time"));
    text = caustic_loader_text(loader, node);
    claims->shock_time_text = caustic_string_copy(text);
    if (strcmp(text, "none") == 0 || strcmp(text, "inf") == 0)
    {
        claims->no_shock = 1;
        return CAUSTIC_OK;
    }
    return caustic_loader_expression(&claims->shock_time, loader, node, &loader->constants, "the shock time");
}

static caustic_result
claimed_monotone(loader_t loader, slong node)
{
    static const char * const words[] = {"increasing", "decreasing", "constant"};
    static const caustic_monotone meant[] = {CAUSTIC_INCREASING, CAUSTIC_DECREASING, CAUSTIC_CONSTANT};
    caustic_case_struct * result = loader->result;
    caustic_claims_block * claims = &result->claims;
    slong word, i = 0;

    claims->monotone = flint_calloc((size_t) result->parameters_on, sizeof(caustic_monotone));
    if (result->parameters_on == 1 && loader->tree->nodes[node].kind == TREE_SCALAR)
    {
        TRY(caustic_loader_word(&word, loader, node, words, LENGTH(words)));
        claims->monotone[0] = meant[word];
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_sequence_of(loader, node, result->parameters_on, "words", "one for each of parameters_on"));
    for (node = loader->tree->nodes[node].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        TRY(caustic_loader_word(&word, loader, node, words, LENGTH(words)));
        claims->monotone[i] = meant[word];
    }
    return CAUSTIC_OK;
}

/* Claims about all values of the parameters_on. */
static caustic_result
claimed_of_parameters(loader_t loader, const slong * value)
{
    caustic_claims_block * claims = &loader->result->claims;
    slong key;

    for (key = CLAIMS_NO_SHOCK_IFF; key <= CLAIMS_MONOTONE; key++)
    {
        if (value[key] >= 0 && (loader->result->parameters_on == 0 || loader->top[CASE_SHOCK] < 0))
        {
            return FAIL(loader, value[key], "this claim is about all values of a constant on an interval; it needs the keys shock and"
                " parameters_on: [{name: y, interval: [\"1\", \"3\"]}]");
        }
    }
    if (value[CLAIMS_NO_SHOCK_IFF] >= 0)
    {
        TRY(caustic_loader_inequality(&claims->no_shock_iff, &claims->no_shock_iff_strict, loader, value[CLAIMS_NO_SHOCK_IFF],
            &loader->constants, "when there is no shock"));
        claims->no_shock_iff_text = caustic_string_copy(caustic_loader_text(loader, value[CLAIMS_NO_SHOCK_IFF]));
    }
    if (value[CLAIMS_MONOTONE] >= 0)
    {
        TRY(claimed_monotone(loader, value[CLAIMS_MONOTONE]));
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_claims(loader_t loader)
{
    caustic_claims_block * claims = &loader->result->claims;
    slong node = loader->top[CASE_CLAIMS];
    slong value[SCHEMA_KEYS];

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_CLAIMS));
    /* A shock time may be stated in terms of the data: 4*mean(x^2)/mean(x*t)^2. */
    loader->constants.data = loader->has_data ? &loader->data : NULL;
    if (value[CLAIMS_COMETRIC] >= 0)
    {
        TRY(claimed_cometric(loader, value[CLAIMS_COMETRIC]));
    }
    if (value[CLAIMS_DRIFT] >= 0)
    {
        TRY(claimed_list(&claims->drift, loader, value[CLAIMS_DRIFT], &loader->coordinates, "an entry of the drift"));
    }
    if (value[CLAIMS_HAMILTON_JACOBI] >= 0)
    {
        TRY(claimed_equation(&claims->hamilton_jacobi_left, &claims->hamilton_jacobi_right, loader,
            value[CLAIMS_HAMILTON_JACOBI], 0));
        claims->hamilton_jacobi = 1;
    }
    if (value[CLAIMS_BURGERS] >= 0)
    {
        TRY(claimed_burgers(loader, value[CLAIMS_BURGERS]));
    }
    if (value[CLAIMS_SHOCK_TIME] >= 0)
    {
        TRY(claimed_shock_time(loader, value[CLAIMS_SHOCK_TIME]));
    }
    if (value[CLAIMS_SHOCK_AT] >= 0)
    {
        if (claims->no_shock)
        {
            return FAIL(loader, value[CLAIMS_SHOCK_AT], "shock_at beside the claim that there is no shock; leave out the one or the other");
        }
        TRY(claimed_list(&claims->shock_at, loader, value[CLAIMS_SHOCK_AT], &loader->constants, "where the shock is"));
    }
    TRY(claimed_of_parameters(loader, value));
    claims->present = 1;
    return CAUSTIC_OK;
}

/* Expect *************************************************************************************/

caustic_result
caustic_loader_expect(loader_t loader)
{
    static const char * const verdicts[] = {"PROVED", "REFUTED", "UNDECIDED"};
    static const char * const audits[] = {"HOLDS", "HOLDS_ON_LEAVES", "FAILS", "UNDECIDED"};
    static const caustic_verdict meaning[] = {CAUSTIC_PROVED, CAUSTIC_REFUTED, CAUSTIC_UNDECIDED};
    caustic_case_struct * result = loader->result;
    slong node = loader->top[CASE_EXPECT];
    slong value[SCHEMA_KEYS];
    slong word, command;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(value, loader, node, BLOCK_EXPECT));
    for (command = 0; command < CAUSTIC_COMMAND_SWEEP; command++)
    {
        if (value[command] < 0)
        {
            continue;
        }
        if (command == CAUSTIC_COMMAND_AUDIT)
        {
            TRY(caustic_loader_word(&word, loader, value[command], audits, LENGTH(audits)));
            result->audit_expect = (int) word + 1;
        }
        else
        {
            TRY(caustic_loader_word(&word, loader, value[command], verdicts, LENGTH(verdicts)));
            result->expect[command] = meaning[word];
        }
    }
    return CAUSTIC_OK;
}
