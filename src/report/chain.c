/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    chain: which claim rests on what, from the invariance of the loss to the shock, for the local entropy in the case's own
    metric and for training.
*/

#include <string.h>
#include "report_internal.h"

static const char * const proved = "PROVED", * const refuted = "REFUTED", * const conditional = "CONDITIONAL",
    * const assumed = "ASSUMED", * const undecided = "UNDECIDED", * const not_asked = "NOT_ASKED";

/* From the strongest to the weakest: a claim is as strong as the weakest that it rests on. */
static int
rank_of(const char * status)
{
    const char * const order[] = {proved, conditional, assumed, not_asked, undecided, refuted};
    int rank = 0;

    while (rank < 5 && strcmp(order[rank], status) != 0)
        rank++;
    return rank;
}

/* Statuses that were read from links are other copies of the words: names are compared, never addresses. */
static int
is_status(const char * status, const char * other)
{
    return strcmp(status, other) == 0;
}

static const char *
weaker(const char * a, const char * b)
{
    return rank_of(a) >= rank_of(b) ? a : b;
}

static const char *
status_of_verdict(caustic_verdict verdict)
{
    return verdict == CAUSTIC_PROVED ? proved : verdict == CAUSTIC_REFUTED ? refuted : undecided;
}

/* The status of those checks that were made, of the given names; the first that is not proved goes to `why`. */
static const char *
status_of_checks(caustic_text_t why, const caustic_checks_t checks, const char * const * names, size_t length)
{
    const char * status = proved;

    for (size_t k = 0; k < length; k++)
        for (slong i = 0; i < checks->length; i++)
        {
            const caustic_check_struct * check = checks->entries + i;

            if (strcmp(check->name, names[k]) != 0)
                continue;
            status = weaker(status, status_of_verdict(check->verdict));
            if (check->verdict != CAUSTIC_PROVED && why->length == 0)
                caustic_text_printf(why, "%s: %s", check->name, check->detail);
        }
    return status;
}

static caustic_verdict
verdict_of_check(const caustic_checks_t checks, const char * name)
{
    for (slong i = 0; i < checks->length; i++)
        if (strcmp(checks->entries[i].name, name) == 0)
            return checks->entries[i].verdict;
    return CAUSTIC_UNDECIDED;
}

/* Links **************************************************************************************/

/* {"claim", "status", "rests_on", "conditional_on", "detail"}; the lists end with NULL. */
static json_t *
link_new(const char * claim, const char * status, const char * const * rests_on, const char * detail)
{
    json_t * link = json_object();
    json_t * list = json_array();

    for (; *rests_on != NULL; rests_on++)
        json_array_append_new(list, json_string(*rests_on));
    json_object_set_new(link, "claim", json_string(claim));
    json_object_set_new(link, "status", json_string(status));
    json_object_set_new(link, "rests_on", list);
    json_object_set_new(link, "conditional_on", json_array());
    json_object_set_new(link, "detail", json_string(detail));
    return link;
}

static void
add_condition(json_t * link, const char * condition)
{
    json_array_append_new(json_object_get(link, "conditional_on"), json_string(condition));
}

/* The conditions of another link too. */
static void
inherit(json_t * link, const json_t * from)
{
    json_array_extend(json_object_get(link, "conditional_on"), json_object_get(from, "conditional_on"));
}

static json_t *
invariance(const caustic_reduction_t reduction)
{
    static const char * const names[] = {"invariance", "section", "loss"}, * const rests_on[] = {NULL};
    caustic_text_t why;
    const char * status;
    json_t * link;

    caustic_text_init(why);
    status = status_of_checks(why, reduction->checks, names, 3);
    if (why->length == 0)
        caustic_text_append(why, reduction->setting->loss == CAUSTIC_NONE
            ? "the coordinates are invariants of the group; no loss is given, and what follows is about every loss that is a function of them"
            : "the coordinates are invariants of the group, and the loss is a function l of them");
    link = link_new("invariance", status, rests_on, why->data);
    caustic_text_clear(why);
    return link;
}

static json_t *
isometry(const caustic_reduction_t reduction)
{
    static const char * const names[] = {"metric", "isometry"}, * const rests_on[] = {NULL};
    caustic_text_t why;
    const char * status;
    json_t * link;

    caustic_text_init(why);
    status = status_of_checks(why, reduction->checks, names, 2);
    if (why->length == 0)
        caustic_text_append(why, "the group acts by isometries of the case's own metric");
    link = link_new("isometry", status, rests_on, why->data);
    caustic_text_clear(why);
    return link;
}

static json_t *
hamilton_jacobi(const caustic_reduction_t reduction, const char * before)
{
    static const char * const names[] = {"projectability", "dimension"}, * const rests_on[] = {"invariance", "isometry", NULL};
    caustic_text_t why;
    const char * status;
    json_t * link;

    caustic_text_init(why);
    status = weaker(before, status_of_checks(why, reduction->checks, names, 2));
    if (is_status(status, proved) && reduction->assumptions_length > 0)
        status = conditional;
    if (why->length == 0)
        caustic_text_append(why, is_status(status, refuted) ? "what it rests on is refuted"
            : is_status(status, undecided) ? "what it rests on is not proved"
            : "the local entropy u of the loss in the case's own metric solves u_t + |du|^2/2 = nu L u on the quotient: no statement about"
              " training is used");
    link = link_new("hamilton_jacobi", status, rests_on, why->data);
    for (slong i = 0; i < reduction->assumptions_length; i++)
        add_condition(link, reduction->assumptions[i]);
    caustic_text_clear(why);
    return link;
}

/* What the audit says of every loss that is a function of the coordinates. */
static json_t *
gradient_field_of_invariant_losses(const caustic_audit_t audit)
{
    static const char * const rests_on[] = {"invariance", NULL};
    json_t * link;

    switch (audit->verdict)
    {
        case CAUSTIC_AUDIT_HOLDS:
            return link_new("gradient_field", proved, rests_on, "gradient flow in the optimiser's metric projects to -K dl on the quotient");
        case CAUSTIC_AUDIT_HOLDS_ON_LEAVES:
            link = link_new("gradient_field", conditional, rests_on, audit->leaves_are_local
                ? "false on the whole quotient; near almost every point gradient flow projects, on each leaf of what it conserves, to -K_c dl"
                : "false on the whole quotient; on each leaf of the charges gradient flow projects to -K_c dl");
            add_condition(link, "the leaf: training's charges have the values c");
            add_condition(link, "no noise, and infinitesimal steps");
            return link;
        case CAUSTIC_AUDIT_FAILS:
            return link_new("gradient_field", refuted, rests_on, "there is no gradient field on the quotient, nor on the leaves of all that"
                " gradient flow conserves: see the witness");
        case CAUSTIC_AUDIT_UNDECIDED:
            break;
    }
    return link_new("gradient_field", assumed, rests_on, "neither proved nor refuted: it stays an assumption");
}

/* Of the case's own loss nothing of that is known unless it is a function of the coordinates. */
static json_t *
gradient_field(const caustic_reduction_t reduction, const caustic_audit_t audit)
{
    static const char * const rests_on[] = {"invariance", NULL}, * const names[] = {"invariance", "loss"};
    caustic_text_t why;
    const char * status;

    caustic_text_init(why);
    status = status_of_checks(why, reduction->checks, names, 2);
    caustic_text_clear(why);
    if (is_status(status, refuted))
        return link_new("gradient_field", refuted, rests_on, "the loss is not a function of the coordinates: its gradient flow has nothing to"
            " descend to, whatever the geometry; what the audit asks below is of the losses that are");
    if (is_status(status, undecided) && audit->verdict != CAUSTIC_AUDIT_FAILS)
        return link_new("gradient_field", undecided, rests_on, "that the loss is a function of the coordinates is not proved; what the audit asks"
            " below is of the losses that are");
    return gradient_field_of_invariant_losses(audit);
}

static json_t *
same_geometry(const caustic_audit_t audit)
{
    static const char * const rests_on[] = {"gradient_field", NULL};
    caustic_verdict verdict = verdict_of_check(audit->checks, "same_geometry");
    json_t * link;

    if (audit->verdict == CAUSTIC_AUDIT_FAILS)
        return link_new("same_geometry", refuted, rests_on, "training has no K on the quotient");
    if (audit->verdict == CAUSTIC_AUDIT_UNDECIDED)
        return link_new("same_geometry", undecided, rests_on, "training's K is not known");
    link = link_new("same_geometry", verdict == CAUSTIC_PROVED && audit->verdict == CAUSTIC_AUDIT_HOLDS_ON_LEAVES ? conditional
        : status_of_verdict(verdict), rests_on, verdict == CAUSTIC_PROVED ? "training's K is the quotient's cometric, up to a constant that rescales time"
        : verdict == CAUSTIC_REFUTED ? "training's K is not the quotient's cometric: its equations and shock times are others, and stand beside these"
        : "whether training's K is the quotient's cometric was not decided");
    if (verdict == CAUSTIC_PROVED && audit->verdict == CAUSTIC_AUDIT_HOLDS_ON_LEAVES)
        add_condition(link, "the leaf: the constant depends on c");
    return link;
}

/* What training has of its own: its equation with K or K_c. */
static json_t *
burgers_of_training(const caustic_audit_t audit, const json_t * field, const json_t * geometry)
{
    static const char * const rests_on[] = {"gradient_field", "same_geometry", NULL};
    const char * status = text_of(field, "status");
    int noise = verdict_of_check(audit->checks, "isotropic_noise") == CAUSTIC_PROVED;
    int same = is_status(text_of(geometry, "status"), proved) || is_status(text_of(geometry, "status"), conditional);
    json_t * link;

    if (is_status(status, refuted))
        return link_new("burgers_of_training", refuted, rests_on, "the paper's statement is conditional on a gradient field, and there is none:"
            " nothing follows for this training");
    if (is_status(status, undecided))
        return link_new("burgers_of_training", undecided, rests_on, "the paper's statement is conditional on a gradient field, which is not proved");
    if (is_status(status, assumed))
        return link_new("burgers_of_training", assumed, rests_on, "the paper's statement is conditional on a gradient field: it stays an assumption");
    link = link_new("burgers_of_training", !noise ? conditional : status, rests_on, same
        ? "Burgers' equation in training's geometry is that of the quotient, up to the constant"
        : "Burgers' equation in training's geometry is that of its own K, not of the case's metric");
    inherit(link, field);
    if (!noise && is_status(status, proved))
        add_condition(link, "no noise: the optimiser's own diffusion does not descend, or is not proved to");
    return link;
}

/* Shocks *************************************************************************************/

static const char * const not_trajectories = "characteristics move with velocity +grad l in smoothing time: they are not trajectories of training";

static const char *
status_of_shock(const json_t * shock)
{
    if (shock == NULL)
        return not_asked;
    return strcmp(text_of(shock, "verdict"), "PROVED") == 0 ? proved : strcmp(text_of(shock, "verdict"), "REFUTED") == 0 ? refuted : undecided;
}

static json_t *
shock_link(const char * claim, const json_t * shock, const json_t * burgers, const char * const * rests_on)
{
    const char * status = status_of_shock(shock);
    caustic_text_t detail;
    json_t * link;

    caustic_text_init(detail);
    if (shock == NULL)
        caustic_text_append(detail, "not looked for here: the audit compares shock times on boxes of one coordinate; ");
    else if (is_status(status, undecided))
        caustic_text_append(detail, "not decided; ");
    else if (is_status(status, refuted))
        caustic_text_printf(detail, "%s; ", text_of(shock, "detail"));
    else if (json_is_false(json_object_get(shock, "shock")))
        caustic_text_append(detail, "no focal time on the case's box; ");
    else
        caustic_text_printf(detail, "without viscosity characteristics focus at T* = %s, on the case's box; ",
            text_of(json_object_get(shock, "time"), "ball"));
    caustic_text_append(detail, not_trajectories);
    if (shock != NULL)
        status = *text_of(shock, "within_domain") == '\0' ? weaker(status, text_of(burgers, "status"))
            : weaker(weaker(status, conditional), text_of(burgers, "status"));
    link = link_new(claim, status, rests_on, detail->data);
    inherit(link, burgers);
    if (*text_of(shock, "within_domain") != '\0')
        add_condition(link, "K_c and the loss are continued by their formulas beyond the coordinate's domain");
    caustic_text_clear(detail);
    return link;
}

/* One link for each geometry that is the quotient's, or training's own. */
static void
add_shocks(json_t * chain, const json_t * geometries, const json_t * burgers, int of_training)
{
    static const char * const of_entropy[] = {"burgers", NULL}, * const of_gradient[] = {"burgers_of_training", NULL};
    const char * claim = of_training ? "shock_of_training" : "shock";
    const char * const * rests_on = of_training ? of_gradient : of_entropy;
    const json_t * geometry;
    slong links = 0;
    size_t i;

    json_array_foreach(geometries, i, geometry)
        if ((strcmp(text_of(geometry, "name"), "quotient") != 0) == of_training && json_object_get(geometry, "shock") != NULL)
        {
            json_t * link = shock_link(claim, json_object_get(geometry, "shock"), burgers, rests_on);

            if (json_object_get(geometry, "charges") != NULL)
                json_object_set_new(link, "charges", json_copy(json_object_get(geometry, "charges")));
            json_array_append_new(chain, link);
            links++;
        }
    if (links == 0)
        json_array_append_new(chain, shock_link(claim, NULL, burgers, rests_on));
}

json_t *
json_chain(const caustic_reduction_t reduction, const caustic_audit_t audit, const json_t * geometries)
{
    static const char * const of_entropy[] = {"hamilton_jacobi", NULL};
    json_t * chain = json_array();
    json_t * links[7];

    links[0] = invariance(reduction);
    links[1] = isometry(reduction);
    links[2] = hamilton_jacobi(reduction, weaker(text_of(links[0], "status"), text_of(links[1], "status")));
    links[3] = gradient_field(reduction, audit);
    links[4] = same_geometry(audit);
    links[5] = link_new("burgers", text_of(links[2], "status"), of_entropy, "v = du solves the differential of that equation: it is the gradient"
        " of the local entropy that does, whether or not training descends to the quotient");
    inherit(links[5], links[2]);
    links[6] = burgers_of_training(audit, links[3], links[4]);
    for (int i = 0; i < 7; i++)
        json_array_append_new(chain, links[i]);
    add_shocks(chain, geometries, links[5], 0);
    add_shocks(chain, geometries, links[6], 1);
    return chain;
}
