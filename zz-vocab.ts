import { readTexts } from './src/training/read-texts.ts';
import { WordCounter } from './src/text/word-counter.ts';
import { buildVocabulary } from './src/text/train-vocabulary.ts';
const paths = Array.from({ length: 16 }, (_, i) => `../shared/data/text/wikipedia-${String(i).padStart(2, '0')}.txt.xz`);
const cpu = () => Math.round(process.cpuUsage().user / 1000);
const mb = () => Math.round(process.memoryUsage.rss() / 1e6);
const counter = new WordCounter(); let words = 0;
let t = performance.now(), c = cpu();
for await (const e of readTexts(paths, { doing: 'counting words', take: (l) => counter.add(l) })) words = e.words;
const all = [...counter.counts.values()];
console.log('words', words, 'distinct', all.length, 'once', all.filter((n) => n === 1).length, 'wall', Math.round(performance.now() - t), 'cpu', cpu() - c, 'MB', mb());
for (const size of [8000, 16000, 30522]) {
  t = performance.now(); c = cpu();
  const v = buildVocabulary(counter.counts, { size, lowercase: true });
  console.log(size, v.pieces.length, 'wall', Math.round(performance.now() - t), 'cpu', cpu() - c, 'MB', mb(), 'max', process.resourceUsage().maxRSS / 1e3, v.pieces.slice(-5).join(' '));
}
