/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    product: a case that is a product of units, each audited by itself. [AUDIT-13]
*/

#include <string.h>
#include "audit_internal.h"

/* The weaker of two verdicts on units is that on their product; an open one leaves the product open unless another fails. */
static caustic_audit_verdict
both(caustic_audit_verdict a, caustic_audit_verdict b)
{
    if (a == CAUSTIC_AUDIT_FAILS || b == CAUSTIC_AUDIT_FAILS)
        return CAUSTIC_AUDIT_FAILS;
    return FLINT_MAX(a, b);
}

/* K is a constant multiple of the quotient's cometric only with one constant for all units. On leaves each unit has its own. */
static caustic_verdict
have_one_scale(const caustic_audit_struct * units, const caustic_reduction_t reduction)
{
    caustic_verdict verdict = CAUSTIC_PROVED;
    const fmpq * first = NULL;
    slong moving = 0; /* units with coordinates */

    for (slong f = 0; f < reduction->factors; f++)
        moving += units[f].size > 0 ? reduction->factor[f].copies : 0;
    for (slong f = 0; f < reduction->factors && verdict == CAUSTIC_PROVED; f++)
    {
        const caustic_pool * pool = reduction->factor[f].unit->pool;
        caustic_expr scale = units[f].scale;

        if (units[f].size == 0)
            continue;
        if (units[f].verdict == CAUSTIC_AUDIT_HOLDS_ON_LEAVES)
            verdict = moving > 1 ? CAUSTIC_REFUTED : CAUSTIC_PROVED;
        else if (scale == CAUSTIC_NONE || caustic_expr_op(pool, scale) != CAUSTIC_OP_NUMBER)
            verdict = CAUSTIC_UNDECIDED;
        else if (first == NULL)
            first = caustic_expr_fmpq(pool, scale);
        else if (!fmpq_equal(first, caustic_expr_fmpq(pool, scale)))
            verdict = CAUSTIC_REFUTED;
    }
    return verdict;
}

/* A statement about the product is that about every unit. */
static void
gather_check(caustic_audit_t audit, const char * name, const caustic_audit_struct * units, const caustic_reduction_t reduction)
{
    caustic_verdict verdict = CAUSTIC_PROVED;
    caustic_text_t detail;

    caustic_text_init(detail);
    for (slong f = 0; f < reduction->factors; f++)
        for (slong i = 0; i < units[f].checks->length; i++)
        {
            const caustic_check_struct * check = units[f].checks->entries + i;

            if (strcmp(check->name, name) != 0)
                continue;
            verdict = caustic_verdict_and(verdict, check->verdict);
            caustic_text_append(detail, detail->length == 0 ? "in " : "; in ");
            if (reduction->factor[f].copies > 1)
                caustic_text_printf(detail, "each of %ld units like that of ", (long) reduction->factor[f].copies);
            else
                caustic_text_append(detail, "the unit of ");
            caustic_text_printf(detail, "%s: %s", caustic_expr_name(reduction->factor[f].unit->pool, reduction->factor[f].unit->parameter[0]),
                check->detail);
        }
    if (strcmp(name, "same_geometry") == 0 && verdict == CAUSTIC_PROVED && have_one_scale(units, reduction) != CAUSTIC_PROVED)
    {
        verdict = have_one_scale(units, reduction);
        caustic_text_append(detail, verdict == CAUSTIC_REFUTED ? "; but these constants are not one for all units"
            : "; whether these constants are one for all units was not decided");
    }
    caustic_checks_add(audit->checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
}

static void
gather_checks(caustic_audit_t audit, const caustic_audit_struct * units, const caustic_reduction_t reduction)
{
    for (slong f = 0; f < reduction->factors; f++)
        for (slong i = 0; i < units[f].checks->length; i++)
        {
            slong known = 0;

            while (known < audit->checks->length && strcmp(audit->checks->entries[known].name, units[f].checks->entries[i].name) != 0)
                known++;
            if (known == audit->checks->length)
                gather_check(audit, units[f].checks->entries[i].name, units, reduction);
        }
}

/* The charges of the first copy of each unit. */
static void
gather_charges(caustic_audit_t audit, const caustic_audit_struct * units, const caustic_reduction_t reduction)
{
    slong length = 0;

    audit->conserved = 0;
    for (slong f = 0; f < reduction->factors; f++)
    {
        length += units[f].charges;
        audit->conserved = audit->conserved < 0 || units[f].conserved < 0 ? -1
            : audit->conserved + reduction->factor[f].copies * units[f].conserved;
    }
    audit->charge = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));
    audit->charge_symbol = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));
    for (slong f = 0; f < reduction->factors; f++)
        for (slong i = 0; i < units[f].charges; i++)
        {
            audit->charge[audit->charges] = units[f].charge[i];
            audit->charge_symbol[audit->charges++] = units[f].charge_symbol[i];
        }
}

/* The first witness of a unit stands for the whole: the other units' parameters are any. */
static void
take_witness(caustic_audit_t audit, caustic_audit_struct * unit, const caustic_setting_struct * setting)
{
    if (audit->witness.present || !unit->witness.present || unit->witness.length > setting->parameters)
        return;
    audit->witness.present = unit->witness.present;
    audit->witness.i = unit->witness.i;
    audit->witness.j = unit->witness.j;
    audit->witness.length = unit->witness.length;
    audit->witness.setting = setting;
    audit->witness.point = unit->witness.point;
    audit->witness.other = unit->witness.other;
    fmpq_set(audit->witness.value, unit->witness.value);
    fmpq_set(audit->witness.other_value, unit->witness.other_value);
    unit->witness.present = 0;
}

int
audit_product(caustic_audit_t audit, const caustic_reduction_t reduction, const caustic_expr * optimiser_metric)
{
    slong factors = reduction->factors;
    int own = optimiser_metric != NULL;
    caustic_audit_struct * units;

    if (factors == 0 || reduction->setting->elements > 0)
        return 0;
    units = flint_malloc((size_t) factors * sizeof(caustic_audit_struct));
    audit->verdict = CAUSTIC_AUDIT_HOLDS;
    for (slong f = 0; f < factors; f++)
    {
        const caustic_setting_struct * unit = reduction->factor[f].unit;

        caustic_audit_init(units + f, reduction->factor[f].reduction, own ? unit->inverse_metric : NULL);
        audit->verdict = both(audit->verdict, units[f].verdict);
        audit->leaves_are_local |= units[f].leaves_are_local;
    }
    gather_checks(audit, units, reduction);
    gather_charges(audit, units, reduction);
    for (slong f = 0; f < factors; f++)
    {
        take_witness(audit, units + f, reduction->factor[f].unit);
        caustic_audit_clear(units + f);
    }
    flint_free(units);
    return 1;
}
