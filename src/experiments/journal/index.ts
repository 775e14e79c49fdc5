export { createRunFolder, JOURNAL_FILE, runFolders, runId, runOf, runsFolder } from './folder.ts';
export { eventsOf, firstOf, hasEnded, lastOf, readJournal } from './read.ts';
export { followJournal } from './tail.ts';
export { type Journal, openJournal, type WriteLines } from './write.ts';
