package f32

func dot(x, y []float32) float32                          { return dotGo(x, y) }
func axpy(alpha float32, x, y []float32)                  { axpyGo(alpha, x, y) }
func scale(alpha float32, x []float32)                    { scaleGo(alpha, x) }
func add(dst, x []float32)                                { addGo(dst, x) }
func gemv(dst, a, x []float32)                            { gemvGo(dst, a, x) }
func gemvRows(dst, a []float32, idx []int32, x []float32) { gemvRowsGo(dst, a, idx, x) }
