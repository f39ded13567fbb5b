/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* Fifty networks of the kinds whose conserved functions Marcotte, Gribonval and Peyre (Abide by the law and follow the flow, 2023) count,
   and the number by theory, from the widths alone. */

#ifndef CAUSTIC_TESTS_CONSERVED_H
#define CAUSTIC_TESTS_CONSERVED_H

#define NETWORK_LAYERS 6

typedef enum { NETWORK_LINEAR = 0, NETWORK_ATTENTION, NETWORK_NEURON, NETWORK_LAYER, NETWORK_RELU } network_kind;

/* Widths, ended by 0: of a head model and head, of a neuron inputs and outputs, of a layer inputs and units. */
typedef struct
{
    network_kind kind;
    int width[NETWORK_LAYERS];
}
network;

static const network conserved_networks[] =
{
    {NETWORK_LINEAR, {1, 1, 1}}, {NETWORK_LINEAR, {1, 2, 1}}, {NETWORK_LINEAR, {1, 5, 1}}, {NETWORK_LINEAR, {2, 1, 2}},
    {NETWORK_LINEAR, {2, 2, 2}}, {NETWORK_LINEAR, {2, 3, 2}}, {NETWORK_LINEAR, {2, 4, 2}}, {NETWORK_LINEAR, {2, 5, 2}},
    {NETWORK_LINEAR, {2, 8, 2}}, {NETWORK_LINEAR, {1, 3, 2}}, {NETWORK_LINEAR, {1, 4, 2}}, {NETWORK_LINEAR, {1, 6, 2}},
    {NETWORK_LINEAR, {3, 1, 2}}, {NETWORK_LINEAR, {3, 2, 2}}, {NETWORK_LINEAR, {3, 2, 3}}, {NETWORK_LINEAR, {3, 3, 3}},
    {NETWORK_LINEAR, {3, 4, 3}}, {NETWORK_LINEAR, {3, 5, 3}}, {NETWORK_LINEAR, {3, 6, 3}}, {NETWORK_LINEAR, {3, 7, 3}},
    {NETWORK_LINEAR, {4, 2, 4}}, {NETWORK_LINEAR, {4, 3, 4}}, {NETWORK_LINEAR, {4, 4, 4}}, {NETWORK_LINEAR, {5, 2, 5}},
    {NETWORK_LINEAR, {6, 3, 3}}, {NETWORK_LINEAR, {2, 6, 4}}, {NETWORK_LINEAR, {5, 3, 2}}, {NETWORK_LINEAR, {4, 1, 4}},
    {NETWORK_LINEAR, {2, 2, 2, 2}}, {NETWORK_LINEAR, {3, 2, 2, 2}}, {NETWORK_LINEAR, {3, 2, 2, 3}}, {NETWORK_LINEAR, {3, 3, 2, 2}},
    {NETWORK_LINEAR, {2, 3, 3, 2}}, {NETWORK_LINEAR, {3, 3, 3, 3}}, {NETWORK_LINEAR, {2, 2, 2, 2, 2}},
    {NETWORK_ATTENTION, {3, 1}}, {NETWORK_ATTENTION, {3, 2}}, {NETWORK_ATTENTION, {4, 2}}, {NETWORK_ATTENTION, {4, 3}},
    {NETWORK_NEURON, {2, 1}}, {NETWORK_NEURON, {5, 1}}, {NETWORK_NEURON, {3, 3}}, {NETWORK_NEURON, {4, 3}},
    {NETWORK_LAYER, {3, 4}}, {NETWORK_LAYER, {4, 6}}, {NETWORK_LAYER, {1, 8}},
    {NETWORK_RELU, {2, 3, 2}}, {NETWORK_RELU, {3, 3, 3}}, {NETWORK_RELU, {2, 3, 3, 2}}, {NETWORK_RELU, {1, 2, 3, 2, 1}},
};

#define CONSERVED_NETWORKS ((int) (sizeof(conserved_networks) / sizeof(conserved_networks[0])))

/* U V^T with U n x r, V m x r: the entries of U^T U - V^T V, that is of W^T J W for W of size (n + m) x r. For r <= n + m these are
   r (r + 1)/2 independent functions, for more the orbits of O(n, m) on W have its whole dimension. */
static long
conserved_by_product(long n, long m, long r)
{
    return r <= n + m ? r * (r + 1) / 2 : (n + m) * r - (n + m) * (n + m - 1) / 2;
}

static long
conserved_by_theory(const network * of)
{
    const int * w = of->width;
    long sum = 0;

    if (of->kind == NETWORK_ATTENTION)
        return conserved_by_product(w[0], w[0], w[1]);
    if (of->kind == NETWORK_NEURON)
        return 1;
    if (of->kind == NETWORK_LAYER)
        return w[1];
    if (of->kind == NETWORK_LINEAR && w[3] == 0)
        return conserved_by_product(w[0], w[2], w[1]);
    /* In deep networks each hidden layer has its own, here all of them. */
    for (int l = 1; w[l + 1] > 0; l++)
        sum += of->kind == NETWORK_RELU ? w[l] : w[l] * (w[l] + 1) / 2;
    return sum;
}

/* The case file, as text for printf. */
static void
write_network(caustic_text_t text, const network * of)
{
    const int * w = of->width;

    caustic_text_append(text, "name: network\npreset: {");
    switch (of->kind)
    {
        case NETWORK_ATTENTION: caustic_text_printf(text, "kind: attention, model: %d, head: %d", w[0], w[1]); break;
        case NETWORK_NEURON: caustic_text_printf(text, "kind: relu-neuron, inputs: %d, outputs: %d", w[0], w[1]); break;
        case NETWORK_LAYER: caustic_text_printf(text, "kind: relu-layer, inputs: %d, hidden: %d", w[0], w[1]); break;
        default:
            caustic_text_printf(text, "kind: %s-network, widths: [", of->kind == NETWORK_RELU ? "relu" : "linear");
            for (int l = 0; w[l] > 0; l++)
                caustic_text_printf(text, "%s%d", l == 0 ? "" : ", ", w[l]);
            caustic_text_append(text, "]");
    }
    caustic_text_append(text, "}\n");
}

#endif
