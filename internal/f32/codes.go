package f32

import "fmt"

// CodeLanes is the number of vectors that lie together in the order of CodeBounds, and
// CodeStep the number of their bytes that lie together.
const CodeLanes, CodeStep = 16, 4

// CodeLimit is the greatest byte of a vector of CodeBounds: with any int8 of a query but −128
// the products of two neighbours add up in 16 bits.
const CodeLimit = 126

// CodeBounds multiplies vectors of bytes by one of signed bytes, and adds to each product,
// scaled, two further terms. With n = len(query) it is
//
//	for i := range dst {
//		block, lane := i/CodeLanes, i%CodeLanes
//		s := -offset
//		for j, q := range query {
//			s += int32(codes[block*n*CodeLanes+j/CodeStep*CodeStep*CodeLanes+lane*CodeStep+j%CodeStep]) * int32(q)
//		}
//		t := terms[block*3*CodeLanes+lane:]
//		dst[i] = float32(s)*weights[0]*t[0] + weights[1]*t[CodeLanes] + weights[2]*t[2*CodeLanes]
//	}
//
// It panics unless len(dst) is a multiple of CodeLanes, n one of CodeStep, and codes and terms
// are long enough. Bytes beyond CodeLimit, and −128 in the query, give a wrong sum.
func CodeBounds(dst []float32, codes []uint8, query []int8, offset int32, terms []float32, weights *[3]float32) {
	if len(dst)%CodeLanes != 0 || len(query)%CodeStep != 0 {
		panic(fmt.Sprintf("f32: %d vectors of %d bytes are no whole blocks", len(dst), len(query)))
	}
	codes, terms = codes[:len(dst)*len(query):len(codes)], terms[:3*len(dst):len(terms)]
	if len(dst) == 0 {
		return
	}
	codeBounds(dst, codes, query, offset, terms, weights)
}

func codeBoundsGo(dst []float32, codes []uint8, query []int8, offset int32, terms []float32, weights *[3]float32) {
	for ; len(dst) > 0; dst, terms = dst[CodeLanes:], terms[3*CodeLanes:] {
		var sums [CodeLanes]int32
		for j := 0; j < len(query); j += CodeStep {
			q0, q1, q2, q3 := int32(query[j]), int32(query[j+1]), int32(query[j+2]), int32(query[j+3])
			step := codes[:CodeStep*CodeLanes]
			codes = codes[CodeStep*CodeLanes:]
			for i := range sums {
				v := step[CodeStep*i : CodeStep*i+CodeStep]
				sums[i] += int32(v[0])*q0 + int32(v[1])*q1 + int32(v[2])*q2 + int32(v[3])*q3
			}
		}
		for i, s := range sums {
			dst[i] = float32(s-offset)*weights[0]*terms[i] + weights[1]*terms[CodeLanes+i] + weights[2]*terms[2*CodeLanes+i]
		}
	}
}
