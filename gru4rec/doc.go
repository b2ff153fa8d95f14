// Package gru4rec recommends the next item of a session by a recurrent network: GRU4Rec
// (Hidasi, Karatzoglou, Baltrunas, Tikk, ICLR 2016; Hidasi, Karatzoglou, CIKM 2018). It follows
// the official code in what "The Effect of Third Party Implementations on Reproducibility"
// (Hidasi, Czapp, RecSys 2023) found that others get wrong; each of those sixteen points has a
// test of its name.
//
// # Network
//
// An item of the session is embedded, goes through n_layers gated recurrent units
//
//	r = σ(x·Wx_r + H·Wh_r + b_r)    z = σ(x·Wx_z + H·Wh_z + b_z)
//	n = tanh(x·Wx_n + b_n + r∘(H·Wh_n + c))    H' = (1−z)∘n + z∘H
//
// and the last layer's H' scores all items by their output vectors and biases. The input
// vector of an item is its output vector (constrained_embedding), a vector of its own
// (embedding) or, with neither, the item's own rows of Wx.
//
// # Training
//
// batch_size sessions run side by side, oldest start first. Each step feeds one item of each
// and predicts the next; a session that ends makes room for the following one, whose H starts
// at zero. H is a constant of the next step: nothing is propagated through time. The targets
// of the whole batch and n_sample items drawn by popularity^sample_alpha are scored together,
// and to a session all of them but its own target are negatives. The losses are
//
//	cross-entropy  −ln softmax(o)_target, with logq·ln P0 subtracted from the scores of
//	               targets and logq·ln P0^sample_alpha from those of sampled items
//	bpr-max        −ln Σ s_j·σ(o_target−o_j) + bpreg·Σ s_j·o_j², o through an elu of
//	               elu_param, s the softmax over the negatives
//	top1-max       Σ s_j·(σ(o_j−o_target) + σ(o_j²))
//	bpr, top1      the same without softmax weights
//
// summed over the batch and divided by batch_size, also where fewer sessions are left.
//
// Adagrad starts from an accumulator of zero with 1e-6 inside the root; momentum is the official
// code's, v = momentum·v − learning_rate·g/√(acc+1e-6), w = w + v. Only rows of items in
// the step are updated, each by the sum of all its gradients.
//
// # Serving
//
// The network runs over the last session of the query; see Model.QueryVector.
package gru4rec
