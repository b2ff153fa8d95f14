// Package shop is the demo's shop: its catalogue, its pictures and its page. The Online Retail
// data has titles and prices and nothing else, so everything that a shop needs beyond that is
// derived from the words of the titles:
//
//   - title: the capitals become a title ("SET OF 3 CAKE TINS" → "Set of 3 Cake Tins");
//   - category: the first rule of products that matches a word, "Home Accents" if none does;
//     postage, fees and ids without a title get none, and are not for sale;
//   - attributes colour, material and theme: the first word that names one; absent if none does;
//   - picture: drawn from pictogram, colour and pattern words, always the same for a title.
//
// What is derived is written into the demo's own items file and imported like any other.
package shop
