// The words of a text as the search compares them, in the browser and during the build. "MaxPool2d", "max_pool2d", and
// "max-pool2d" are one word, "maxpool2d", and its parts are found too.

var courseSearch = {
  // Return for each word its written form, its position, its plain form, and the parts it is made of.
  words(text) {
    const found = [];
    for (const { 0: written, index } of text.matchAll(/[\p{L}\p{N}_]+(?:-[\p{L}\p{N}_]+)*/gu)) {
      const plain = courseSearch.plain(written);
      if (!plain || /^\d+$/.test(plain)) continue;
      const parts = written
        .replace(/([a-z0-9])([A-Z][a-z])|([A-Z]+)(?=[A-Z][a-z])/g, "$1$3 $2")
        .replace(/([A-Za-z])[123]d\b/g, "$1")
        .split(/[\s_-]+/)
        .map(courseSearch.plain)
        .filter((part) => part.length > 1 && part !== plain && !/^\d+$/.test(part));
      found.push({ written, index, plain, parts });
    }
    return found;
  },

  plain: (word) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""),
};
