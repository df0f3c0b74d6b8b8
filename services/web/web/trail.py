"""The trail in plain words: what was done, to what, and how whole the chain of seals is."""

from spilno.identity.v1 import trail_pb2 as pb

from web.words import Say


def deeds(_: Say) -> dict[str, str]:
    """What each method of the contract does, as an auditor would say it; without a gender, for whoever did it."""
    return {
        "Appeals.SubmitAppeal": _("Звернення через сайт"),
        "Appeals.RegisterAppeal": _("Реєстрація звернення"),
        "Appeals.GetAppeal": _("Перегляд звернення"),
        "Appeals.ListAppeals": _("Перегляд реєстру звернень"),
        "Appeals.SearchAppeals": _("Пошук у реєстрі звернень"),
        "Maps.UpdateMap": _("Нова карта громади"),
        "Appeals.TakeAppeal": _("Звернення взято в роботу"),
        "Appeals.AnswerAppeal": _("Відповідь на звернення"),
        "Attachments.SubmitAttachment": _("Файл додано через сайт"),
        "Attachments.UploadAttachment": _("Додано файл до звернення"),
        "Attachments.ListAttachments": _("Перегляд списку файлів"),
        "Attachments.DownloadAttachment": _("Перегляд файлу"),
        "Attachments.DownloadSubmissionAttachment": _("Перегляд файлу з надісланого"),
        "Attachments.DeleteAttachment": _("Файл прибрано"),
        "Officers.CreateOfficer": _("Додано картку офіцера"),
        "Officers.UpdateOfficer": _("Змінено картку офіцера"),
        "Officers.ListOfficerCards": _("Перегляд карток офіцерів"),
        "Beats.CreateBeat": _("Додано дільницю"),
        "Beats.UpdateBeat": _("Змінено дільницю"),
        "Receptions.UpdateSchedule": _("Змінено розклад прийому"),
        "Receptions.BookVisit": _("Запис на прийом через сайт"),
        "Receptions.CancelVisit": _("Запис на прийом скасовано через сайт"),
        "Receptions.BookVisitForCaller": _("Запис людини на прийом"),
        "Receptions.CancelVisitForCaller": _("Запис на прийом скасовано"),
        "Receptions.MoveVisit": _("Запис на прийом перенесено через сайт"),
        "Receptions.MoveVisitForCaller": _("Запис на прийом перенесено"),
        "Receptions.GetVisit": _("Перегляд запису на прийом"),
        "Receptions.ListVisits": _("Перегляд записів на прийом"),
        "Receptions.AddWalkIn": _("Людина прийшла без запису"),
        "Receptions.CheckIn": _("Людина прийшла на прийом"),
        "Receptions.RecordVisit": _("Занесено підсумок прийому"),
        "Notices.ListNotices": _("Перегляд повідомлень людині"),
        "Notices.ResendNotice": _("Повідомлення надіслано ще раз"),
        "Notices.UpdateNoticeText": _("Змінено текст повідомлень"),
        "Notices.ResetNoticeText": _("Повернуто початковий текст повідомлень"),
        "Proceedings.GetProceedings": _("Перегляд ходу справи"),
        "Proceedings.UpdateParticulars": _("Змінено відомості для реєстру"),
        "Proceedings.FindEarlierAppeals": _("Перегляд попередніх звернень людини"),
        "Proceedings.MarkSimple": _("Позначено: без додаткового вивчення"),
        "Proceedings.ReturnAppeal": _("Звернення повернуто людині"),
        "Proceedings.ForwardAppeal": _("Звернення переслано"),
        "Proceedings.ReassignAppeal": _("Звернення передано колезі"),
        "Proceedings.RecordBodyAnswer": _("Записано відповідь органу"),
        "Proceedings.AskExtension": _("Прохання продовжити строк"),
        "Proceedings.DecideExtension": _("Рішення про продовження строку"),
        "Proceedings.ShortenTerm": _("Строк скорочено"),
        "Proceedings.DeclineShortening": _("У скороченні строку відмовлено"),
        "Proceedings.FindDuplicates": _("Перегляд дублікатів звернення"),
        "Proceedings.AnswerWithDuplicates": _("Одна відповідь на звернення і його дублікати"),
        "Proceedings.DecideNotToConsider": _("Звернення залишено без розгляду"),
        "Prints.PrintAppealCard": _("Друк картки звернення"),
        "Prints.PrintReceipt": _("Друк відмітки для людини"),
        "Prints.PrintVisitCard": _("Друк картки прийому"),
        "Prints.PrintAppealJournal": _("Друк журналу звернень"),
        "Prints.PrintReceptionJournal": _("Друк журналу прийому"),
        "Triage.RecordTip": _("Збережено анонімне повідомлення"),
        "Triage.RecordHandover": _("Записано передачу іншому органу"),
        "Triage.ListSubmissions": _("Перегляд надісланого, яке чекає рішення"),
        "Triage.RegisterSubmission": _("Надіслане зареєстровано як звернення"),
        "Triage.HandOverSubmission": _("Надіслане передано іншому органу"),
        "Triage.ListTips": _("Перегляд анонімних повідомлень"),
        "Registers.UpdateRegister": _("Змінено правила реєстру"),
        "Clocks.UpdateCalendar": _("Змінено календар офісу"),
        "Tenancy.Apply": _("Офіс отримав зразок"),
        "Hromadas.CreateHromada": _("Відкрито офіс"),
        "Hromadas.SuspendHromada": _("Роботу офісу призупинено"),
        "Hromadas.ResumeHromada": _("Роботу офісу відновлено"),
        "Members.InviteMember": _("Запрошено працівника"),
        "Members.ListMembers": _("Перегляд списку працівників"),
        "Members.ChangeRoles": _("Змінено ролі працівника"),
        "Members.RevokeMember": _("Доступ працівника припинено"),
        "Members.CreateRecoveryLink": _("Видано посилання для відновлення входу"),
        "Integrators.CreateIntegrator": _("Підключено зовнішню систему"),
        "Integrators.RevokeIntegrator": _("Зовнішню систему відключено"),
        "Organisations.CreateOrganisation": _("Додано організацію"),
        "Organisations.GetOrganisation": _("Перегляд організації"),
        "Organisations.ListOrganisations": _("Перегляд списку організацій"),
        "Organisations.UpdateOrganisation": _("Змінено дані організації"),
        "Agreements.CreateAgreement": _("Додано документ про співпрацю"),
        "Agreements.GetAgreement": _("Перегляд документа про співпрацю"),
        "Agreements.ListAgreements": _("Перегляд списку документів про співпрацю"),
        "Agreements.UpdateAgreement": _("Змінено документ про співпрацю"),
        "Agreements.ListSignatories": _("Перегляд сторін документа"),
        "Agreements.AddSignatory": _("Додано сторону документа"),
        "Agreements.EndSignatory": _("Сторона вийшла з документа"),
        "Venues.CreateVenue": _("Додано місце"),
        "Venues.UpdateVenue": _("Змінено місце"),
        "Projects.CreateProject": _("Додано проєкт"),
        "Projects.UpdateProject": _("Змінено проєкт"),
        "Controllers.RecordController": _("Записано, хто відповідає за дані"),
        "Cameras.CreateCamera": _("Додано камеру"),
        "Cameras.UpdateCamera": _("Змінено досьє камери"),
        "Cameras.ConnectCamera": _("Підключено камеру"),
        "Cameras.DocumentCamera": _("Досьє камери визнано повним"),
        "Cameras.ActivateCamera": _("Камеру ввімкнено"),
        "Cameras.SuspendCamera": _("Камеру зупинено"),
        "Datasets.ExportCameraDataset": _("Вивантажено набір даних про камери"),
        "EvidenceRequests.RequestEvidence": _("Внесено запит на запис камер"),
        "EvidenceRequests.GetEvidence": _("Перегляд запиту на запис камер"),
        "EvidenceRequests.ListEvidence": _("Перегляд запитів на записи камер"),
        "EvidenceRequests.ApproveEvidence": _("Дозволено передати запис камер"),
        "EvidenceRequests.RefuseEvidence": _("Відмовлено передати запис камер"),
        "EvidenceRequests.DownloadEvidence": _("Завантажено запис камер"),
        "Probes.DiscoverCameras": _("Пошук камер у мережі"),
        "Probes.ProbeCamera": _("Запитано камеру про її потоки"),
        "Probes.AdoptProfiles": _("Підключено потоки камери"),
        "Views.StartView": _("Початок перегляду камер"),
        "Views.StartPlayback": _("Початок перегляду записів"),
        "Views.EndView": _("Кінець перегляду камер"),
        "Views.ListViews": _("Перегляд того, хто дивився камеру"),
        "Trail.ListEntries": _("Перегляд цього журналу"),
        "Trail.SealTrail": _("Журнал опечатано на вимогу"),
        "Trail.ExportTrail": _("Журнал завантажено у файл"),
        "account.sign-in": _("Вхід"),
        "account.password-changed": _("Змінено пароль"),
        "account.invitation-accepted": _("Запрошення прийнято"),
        "account.recovery-link-used": _("Вхід відновлено за посиланням"),
        "account.app-added": _("Додано застосунок із кодами входу"),
        "account.app-removed": _("Вилучено застосунок із кодами входу"),
        "account.passkey-added": _("Додано ключ доступу"),
        "account.passkey-removed": _("Вилучено ключ доступу"),
        "account.factors-removed": _("Вилучено всі додаткові способи входу"),
        "account.codes-made": _("Видано нові запасні коди"),
        "audit.forget": _("Особу в журналі знеособлено"),
        "trail.removed": _("Видалено записи, строк зберігання яких минув"),
        "v1.HromadaCreated": _("Офіс підготовлено до роботи"),
    }


def deed(say: Say, method: str) -> str:
    """What was done."""
    return deeds(say).get(".".join(method.rsplit(".", 2)[-2:]), method)


def actor(say: Say, entry: pb.Entry) -> str:
    """Who did it."""
    if entry.actor:
        return entry.actor
    if not entry.subject:
        return say("Мешканець")
    if entry.subject.startswith("operator."):
        return say("Оператор платформи")
    if entry.subject.startswith("svc."):
        return say("Платформа, без участі людини")
    return say("Особа, якої вже немає в записах")


def fault(say: Say, one: pb.Fault) -> str:
    """What is wrong with the chain."""
    numbers = str(one.first) if one.first == one.last else f"{one.first}–{one.last}"
    about = f"{one.service} № {numbers}" if one.service else f"№ {numbers}"
    texts = {
        pb.FAULT_KIND_SEAL_MISSING: say("Немає печаток № %(numbers)s."),
        pb.FAULT_KIND_SEAL_ALTERED: say("Печатку № %(seal)s змінено."),
        pb.FAULT_KIND_SIGNATURE_FORGED: say("Підпис печатки № %(seal)s несправжній."),
        pb.FAULT_KIND_ENTRY_ALTERED: say("Запис %(about)s змінено після печатки № %(seal)s."),
        pb.FAULT_KIND_ENTRY_REMOVED: say("З-під печатки № %(seal)s вилучено запис."),
        pb.FAULT_KIND_ENTRY_INSERTED: say("Під печатку № %(seal)s підкладено запис %(about)s."),
        pb.FAULT_KIND_ENTRIES_REORDERED: say("Записи під печаткою № %(seal)s переставлено."),
        pb.FAULT_KIND_NUMBERS_MISSING: say("Бракує записів %(about)s."),
    }
    values = {"numbers": numbers, "seal": one.seal, "about": about}
    return texts.get(one.kind, say("Ланцюг порушено.")) % values
