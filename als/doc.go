// Package als is iALS: matrix factorisation of implicit feedback by alternating least
// squares (Hu, Koren, Volinsky, ICDM 2008), with the loss and the scaled regularisation of
// Rendle, Krichene, Zhang, Koren, "Revisiting the Performance of iALS on Item Recommendation
// Benchmarks" (RecSys 2022).
//
// # Loss
//
// With c the weight of an observed interaction and ŷ = ⟨w_u, v_i⟩, the model minimises
//
//	Σ_observed c·(1−ŷ)² + α₀·Σ_all ŷ² + Σ_u λ_u‖w_u‖² + Σ_i λ_i‖v_i‖²
//
//	λ_u = λ·(|I_u| + α₀·|I|)^ν     λ_i = λ·(|U_i| + α₀·|U|)^ν
//
// where I_u are the items of user u and I is the whole catalogue. For fixed items each user
// is a linear system of d equations, and for fixed users each item likewise:
//
//	(α₀·VᵀV + Σ_{i∈I_u} c·v_i·v_iᵀ + λ_u·E) w_u = Σ_{i∈I_u} c·v_i
//
// # How the systems are solved
//
// Before a half step Fit turns all vectors into the eigenvectors of the fixed side's Gramian,
// which changes no score. Conjugate gradients, with the diagonal that the Gramian now is as
// preconditioner, then bring each row's loss to within 10⁻⁶ of its minimum (relative to that of
// the zero vector), mostly in two or three steps of O(n·d) for n interactions. A row that takes
// too many, and every row where the eigenvectors do not pay (few rows, or more than 512
// factors), is solved by a Cholesky factor in O(n·d² + d³), small systems several side by side. Both
// work in float32; a system that float32 cannot solve is solved in float64, and a singular one with
// the smallest of a few additions to its diagonal that makes it regular.
//
// # The parameters and the paper's
//
// [Config.Alpha] is the weight of an observed interaction relative to an unobserved one, so
// that α₀ = 1/alpha: the paper's α₀ = 1 is alpha = 1, its α₀ = .3 is alpha = 3.33. The
// weight on an observed ŷ² is (c+α₀) = α₀·(1 + alpha·c): up to the factor α₀ it is the
// confidence 1 + α·r of Hu, Koren and Volinsky with the same alpha. [Config.Regularization]
// is the paper's λ and [Config.Nu] its ν, both in units of an observed weight.
//
// # After the fit
//
// The last half step is one for users, to float32 accuracy, so every stored user vector is the
// solution for the stored item vectors: the same history folded in gives the same bytes.
package als
