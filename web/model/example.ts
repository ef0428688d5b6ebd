/** A text to try the page on. */
export const exampleTitle = 'Ada Lovelace';
export const exampleText = `Augusta Ada King, Countess of Lovelace, was an English mathematician and writer. She was born in London on 10 December 1815, the only child of the poet Lord Byron and Lady Byron, and was educated at home in England.

In 1833 Ada met Charles Babbage, who had been born in London and taught at the University of Cambridge. Babbage showed her a part of the Difference Engine, and later asked her to translate an article by Luigi Menabrea, an engineer from Italy, on the Analytical Engine. Her notes, published in 1843, are longer than the article itself.

In 1835 she married William King, who became Earl of Lovelace in 1838. Ada Lovelace died in London on 27 November 1852.
`;
