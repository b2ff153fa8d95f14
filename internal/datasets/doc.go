// Package datasets loads the public data on which the tests of this module reproduce published
// figures. It is imported by tests only.
//
// The files are looked for in $RECSYS_DATA, then in shared/data beside the repository or one
// level up; Online Retail, whose licence lets it travel with the code, first in examples/data.
// A test that asks for data that is not there is skipped with a line that says where it was
// looked for.
//
// Ids are dense in the order of recsys.CompareIDs, as a store numbers them. What is returned
// is shared between tests of one run: do not change it.
package datasets
