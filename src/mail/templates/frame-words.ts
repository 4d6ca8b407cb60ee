import type { Language } from '../languages.js';
import type { FrameWords } from './content.js';

export const FRAME_WORDS: Record<Language, FrameWords> = {
  en: {
    copyLink: 'Or copy this address into your browser:',
    sentBy: (host) => `Sent by Rollcall at ${host}, by itself.`,
    answersRead: 'Answers go to the organisation.',
    answersNotRead: 'Answers are not read.',
  },
  de: {
    copyLink: 'Oder kopieren Sie diese Adresse in Ihren Browser:',
    sentBy: (host) => `Automatisch gesendet von Rollcall auf ${host}.`,
    answersRead: 'Antworten gehen an die Organisation.',
    answersNotRead: 'Antworten werden nicht gelesen.',
  },
  fr: {
    copyLink: 'Ou copiez cette adresse dans votre navigateur :',
    sentBy: (host) => `Envoyé automatiquement par Rollcall sur ${host}.`,
    answersRead: 'Les réponses parviennent à l’organisation.',
    answersNotRead: 'Les réponses ne sont pas lues.',
  },
  es: {
    copyLink: 'O copie esta dirección en su navegador:',
    sentBy: (host) => `Enviado automáticamente por Rollcall en ${host}.`,
    answersRead: 'Las respuestas llegan a la organización.',
    answersNotRead: 'Las respuestas no se leen.',
  },
  pt: {
    copyLink: 'Ou copie este endereço para o seu navegador:',
    sentBy: (host) => `Enviado automaticamente pelo Rollcall em ${host}.`,
    answersRead: 'As respostas chegam à organização.',
    answersNotRead: 'As respostas não são lidas.',
  },
};
